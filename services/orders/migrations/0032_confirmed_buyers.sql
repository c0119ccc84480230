-- compatible: a column that may be empty
-- Whether a buyer has proved that their email is theirs, from auth. Empty until auth has said so: such a buyer may
-- reserve, as before.
alter table users add column confirmed boolean;
