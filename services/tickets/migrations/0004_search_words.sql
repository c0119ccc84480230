-- compatible: older code leaves the new columns empty, and the newer code's job index-names fills them
-- Words are written by the service (search-text.ts): PostgreSQL's parser and its regular expressions do not know
-- letters of every script.
alter table events alter column search drop expression;
alter table events add column city_key text;
-- Which form of the words a row has; 1 is that of search-text.ts.
alter table events add column search_version smallint;
alter table tickets add column search_version smallint;
create index events_to_index on events (id) where search_version is distinct from 1;
create index tickets_to_index on tickets (id) where search_version is distinct from 1;
drop index events_soonest_in_city;
create index events_soonest_in_city on events (city_key, starts_at, id);
-- Cursors have milliseconds: an event between two of them was shown on every page.
update events set starts_at = date_trunc('milliseconds', starts_at)
  where starts_at <> date_trunc('milliseconds', starts_at);
update tickets set starts_at = date_trunc('milliseconds', starts_at)
  where starts_at <> date_trunc('milliseconds', starts_at);
