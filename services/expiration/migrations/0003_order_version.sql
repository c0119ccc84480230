-- compatible: a column that has a default
-- The version of the order whose window the timer has: a newer one moves it, later or sooner.
alter table timers add column order_version integer not null default 0;
