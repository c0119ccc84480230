-- compatible: a column that may be empty
-- Why an admin took the ticket off sale; a reserved one is withdrawn when its order lets go of it.
alter table tickets add column takedown_reason text;
