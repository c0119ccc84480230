-- compatible: a column that may be empty
-- What an admin who cancelled the order says to its buyer.
alter table orders add column cancel_note text;
