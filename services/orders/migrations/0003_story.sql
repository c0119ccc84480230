-- Every status that an order has had, for an admin to read. Of orders from before only the beginning and the present are known.
create table order_steps (
  order_id   uuid        not null,
  version    integer     not null,
  status     text        not null,
  reason     text,
  expires_at timestamptz not null,
  at         timestamptz not null,
  constraint order_steps_pkey primary key (order_id, version),
  constraint order_steps_order_id_fkey foreign key (order_id) references orders (id)
);
insert into order_steps (order_id, version, status, expires_at, at) select id, 1, 'created', expires_at, created_at from orders;
insert into order_steps (order_id, version, status, reason, expires_at, at) select id, version, status, reason, expires_at, updated_at from orders where version > 1;

create index orders_by_status on orders (status, id desc);
create index orders_of_ticket on orders (ticket_id, id desc);
