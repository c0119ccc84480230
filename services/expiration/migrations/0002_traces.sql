-- compatible: a column that nobody has to fill
-- The span that the timer was set in: null where nothing is traced.
alter table timers add column traceparent text;
