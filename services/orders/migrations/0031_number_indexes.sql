-- compatible: indexes that older code does not need
create unique index orders_number_key on orders (number);
create index orders_without_number on orders (id) where number is null;
