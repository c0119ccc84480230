-- compatible: columns that have defaults, and an index that older code does not need
-- What auth says of a ban. It has a version of its own, because older code takes names and leaves bans.
alter table users add column banned boolean not null default false;
alter table users add column banned_version integer not null default 0;
-- Whether a banned seller may still have tickets on sale: see withdraw-of-banned.ts.
alter table users add column ban_open boolean not null default false;
create index users_ban_open on users (id) where ban_open;
