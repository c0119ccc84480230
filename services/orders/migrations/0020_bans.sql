-- compatible: a table and indexes that older code does not need
-- Who is banned, from auth; newer versions win.
create table users (
  id       uuid    not null,
  version  integer not null,
  banned   boolean not null,
  -- Whether they may still have unpaid orders, as a buyer or as a seller: see cancel-of-banned.ts.
  ban_open boolean not null,
  constraint users_pkey primary key (id)
);
create index users_ban_open on users (id) where ban_open;
create index orders_unpaid_of_seller on orders (seller_id, id) where status in ('created', 'awaiting:payment');
