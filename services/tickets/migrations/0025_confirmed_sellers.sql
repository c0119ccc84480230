-- compatible: a column that may be empty
-- Whether a seller has proved that their email is theirs, from auth. Empty until auth has said so: such a seller may
-- list, as before.
alter table users add column confirmed boolean;
