-- What this service knows of tickets: a mirror, fed by their messages, newer versions win.
create table tickets (
  id        uuid    not null,
  version   integer not null,
  status    text    not null,
  seller_id uuid    not null,
  title     text    not null,
  price     integer not null,
  currency  text    not null,
  event     jsonb,
  seat      jsonb,
  constraint tickets_pkey primary key (id)
);

create table orders (
  id             uuid        not null,
  version        integer     not null,
  status         text        not null,
  reason         text,
  buyer_id       uuid        not null,
  seller_id      uuid        not null,
  ticket_id      uuid        not null,
  ticket_version integer     not null,
  -- The ticket as the buyer saw it: what is shown is what is charged.
  title          text        not null,
  price          integer     not null,
  currency       text        not null,
  event          jsonb,
  seat           jsonb,
  payment_id     uuid,
  expires_at     timestamptz not null,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  constraint orders_pkey primary key (id),
  constraint orders_status check (status in ('created', 'awaiting:payment', 'paying', 'complete', 'refunded', 'cancelled')),
  constraint orders_reason check ((status = 'cancelled') = (reason is not null)),
  constraint orders_payment check (status not in ('paying', 'complete', 'refunded') or payment_id is not null)
);
-- Why a ticket cannot be sold twice: of any number of simultaneous buyers one inserts, the others do not.
create unique index orders_one_live_per_ticket on orders (ticket_id) where status <> 'cancelled';
create index orders_of_buyer on orders (buyer_id, id desc);
