-- compatible: columns that have defaults, and an index that older code does not need
-- Nothing that comes later about an erased user counts.
alter table users add column erased boolean not null default false;
-- Whether an erased seller may still have tickets on sale, or descriptions: see erase-tickets.ts.
alter table users add column erasure_open boolean not null default false;
create index users_erasure_open on users (id) where erasure_open;
