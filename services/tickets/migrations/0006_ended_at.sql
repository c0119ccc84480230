-- compatible: an index that older code does not need
create index ended_orders_ended_at on ended_orders using brin (ended_at);
