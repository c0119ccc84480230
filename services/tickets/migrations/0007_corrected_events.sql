-- compatible: an index, and a column that may be empty
-- Who else has a ticket for an event, in whatever status, decides whether its seller may correct it.
create index tickets_of_event on tickets (event_id);
-- When an event was corrected last.
alter table events add column updated_at timestamptz;
