-- compatible: columns and indexes that nobody has to fill
-- The worker that compares, so that a night whose worker has died is taken up again.
alter table book_comparisons add column taken_by integer;

-- For what is forgotten after a time, and for gauges that must not read whole tables.
create index provider_calls_finished_at on provider_calls (finished_at) where status <> 'pending';
create index provider_events_unknown on provider_events (received_at) where state = 'unknown';
