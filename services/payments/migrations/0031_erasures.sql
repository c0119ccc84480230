-- compatible: a table and an index that older code does not know
-- The newest wish to erase a user that was answered.
create table erasures (
  user_id uuid    not null,
  version integer not null,
  constraint erasures_pkey primary key (user_id)
);
create index orders_of_buyer on orders (buyer_id, id desc);
