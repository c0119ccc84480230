-- Until when a reserved ticket is held: everybody may know when it may come back.
alter table tickets add column held_until timestamptz;
