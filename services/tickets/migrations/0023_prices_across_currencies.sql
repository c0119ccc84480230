-- compatible: indexes that only older code looks for; it sorts where it has walked one
drop index tickets_listed_price;
drop index tickets_listed_event_price;
