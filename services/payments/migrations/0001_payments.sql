-- What this service knows of orders: a mirror, newer versions win.
create table orders (
  id         uuid        not null,
  version    integer     not null,
  status     text        not null,
  buyer_id   uuid        not null,
  seller_id  uuid        not null,
  price      integer     not null,
  currency   text        not null,
  payment_id uuid,
  expires_at timestamptz not null,
  constraint orders_pkey primary key (id)
);

create table payments (
  id               uuid        not null,
  order_id         uuid        not null,
  attempt          integer     not null,
  version          integer     not null,
  status           text        not null,
  amount           integer     not null,
  currency         text        not null,
  amount_refunded  integer     not null default 0,
  stripe_id        text,
  stripe_refund_id text,
  decline_code     text,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  constraint payments_pkey primary key (id),
  constraint payments_order_id_fkey foreign key (order_id) references orders (id),
  constraint payments_attempt_key unique (order_id, attempt),
  constraint payments_status check (status in ('created', 'authorized', 'captured', 'refunded', 'declined', 'voided', 'capture-failed')),
  constraint payments_refunded check (amount_refunded between 0 and amount)
);
-- Why one order cannot be paid twice: it has one live attempt at the most.
create unique index payments_one_live_per_order on payments (order_id) where status in ('created', 'authorized', 'captured', 'refunded');
create index payments_authorized on payments (updated_at) where status = 'authorized';

create table refunds (
  id         uuid        not null,
  payment_id uuid        not null,
  status     text        not null,
  amount     integer     not null,
  stripe_id  text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint refunds_pkey primary key (id),
  constraint refunds_payment_id_fkey foreign key (payment_id) references payments (id),
  constraint refunds_amount check (amount > 0),
  constraint refunds_status check (status in ('pending', 'succeeded', 'failed'))
);
create index refunds_of_payment on refunds (payment_id);
create index refunds_pending on refunds (updated_at) where status = 'pending';

-- What is to be said to the provider: committed with its key and frozen parameters before the call is made, so that a crash at any moment leaves
-- something to repeat. next_try_at is also a lease: whoever carries a call out has until then.
create table provider_calls (
  key         text        not null,
  op          text        not null,
  payment_id  uuid        not null,
  refund_id   uuid,
  params      jsonb       not null,
  status      text        not null default 'pending',
  tries       integer     not null default 0,
  next_try_at timestamptz not null,
  error       text,
  created_at  timestamptz not null,
  constraint provider_calls_pkey primary key (key),
  constraint provider_calls_payment_id_fkey foreign key (payment_id) references payments (id),
  constraint provider_calls_op check (op in ('authorize', 'capture', 'void', 'refund')),
  constraint provider_calls_status check (status in ('pending', 'done', 'failed'))
);
create index provider_calls_due on provider_calls (next_try_at) where status = 'pending';
