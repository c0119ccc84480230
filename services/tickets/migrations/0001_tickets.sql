-- Names of sellers, from auth.
create table users (
  id      uuid    not null,
  version integer not null,
  name    text    not null,
  constraint users_pkey primary key (id)
);

-- What tickets are for. `identity` is the normalised name, venue and start: an event named again is the same event.
create table events (
  id         uuid        not null,
  identity   text        not null,
  name       text        not null,
  venue      text        not null,
  city       text,
  starts_at  timestamptz not null,
  time_zone  text,
  kind       text,
  created_at timestamptz not null,
  search     tsvector    generated always as (to_tsvector('simple', name || ' ' || venue || ' ' || coalesce(city, ''))) stored,
  constraint events_pkey primary key (id),
  constraint events_identity_key unique (identity)
);
create index events_soonest on events (starts_at, id);
create index events_soonest_in_city on events (lower(city), starts_at, id);
create index events_soonest_of_kind on events (kind, starts_at, id);
create index events_search on events using gin (search);

create table tickets (
  id          uuid        not null,
  version     integer     not null,
  title       text        not null,
  description text,
  price       integer     not null,
  currency    text        not null,
  event_id    uuid,
  starts_at   timestamptz,
  seat        jsonb,
  seller_id   uuid        not null,
  status      text        not null,
  order_id    uuid,
  search      tsvector    not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null,
  constraint tickets_pkey primary key (id),
  constraint tickets_event_id_fkey foreign key (event_id) references events (id),
  constraint tickets_seller_id_fkey foreign key (seller_id) references users (id),
  constraint tickets_price check (price between 50 and 99999999),
  constraint tickets_status check (status in ('listed', 'reserved', 'sold', 'withdrawn')),
  -- A ticket is held by an order exactly while it is reserved or sold.
  constraint tickets_holder check ((order_id is not null) = (status in ('reserved', 'sold')))
);
-- One index for each order in which listed tickets are read; ids are version-7 UUIDs, so the newest has the greatest.
create index tickets_listed_newest on tickets (id desc) where status = 'listed';
create index tickets_listed_price on tickets (price, id) where status = 'listed';
create index tickets_listed_soonest on tickets (starts_at, id) where status = 'listed' and starts_at is not null;
create index tickets_listed_event_newest on tickets (event_id, id desc) where status = 'listed';
create index tickets_listed_event_price on tickets (event_id, price, id) include (currency) where status = 'listed';
create index tickets_listed_search on tickets using gin (search) where status = 'listed';
create index tickets_mine on tickets (seller_id, id desc);

-- Orders that ended before this service had heard of them: a late order:created must not hold a ticket for them.
create table ended_orders (
  order_id uuid        not null,
  ended_at timestamptz not null,
  constraint ended_orders_pkey primary key (order_id)
);
