-- compatible: a column that may be empty
-- The order's number for people; empty for orders from before there were numbers.
alter table orders add column number text;
