-- compatible: an index that older code does not need
-- For what is forgotten after a time.
create index order_steps_at on order_steps using brin (at);
