-- compatible: indexes that only what is newer looks for; older code sorts where it has walked one
-- Prices are compared within one currency.
create index tickets_listed_currency_price on tickets (currency, price, id) where status = 'listed';
create index tickets_listed_event_currency_price on tickets (event_id, currency, price, id) where status = 'listed';
drop index tickets_listed_price;
drop index tickets_listed_event_price;
