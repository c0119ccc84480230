-- compatible: a column that has a default
-- The version of the order by which held_until was set: only a newer one changes it.
alter table tickets add column held_version integer not null default 0;
