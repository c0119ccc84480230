-- compatible: settings of indexes
-- New words go into the index at once, and not first onto a list of up to 4 MB that every search would read. Listing a
-- ticket takes some 0.1 ms longer; holding and selling one writes nothing here.
alter index tickets_listed_search set (fastupdate = off);
alter index events_search set (fastupdate = off);
-- What is still on the lists.
select gin_clean_pending_list('tickets_listed_search'), gin_clean_pending_list('events_search');
