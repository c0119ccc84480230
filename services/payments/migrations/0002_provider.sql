-- The provider's page, its webhooks, the ledger.

-- What the page shows as bought: the ticket, and below it the event and the seat. Empty for orders from before.
alter table orders add column title text not null default '', add column details text not null default '';

alter table payments
  -- How the buyer pays: a card token sent to us, or the provider's page.
  add column method       text        not null default 'token',
  add column fee          integer     not null default 0,
  add column session_id   text,
  add column page_url     text,
  add column page_ends_at timestamptz,
  -- When the provider is asked again without being asked to; null: there is nothing more to learn.
  add column next_look_at timestamptz,
  add column looks        integer     not null default 0,
  add constraint payments_method check (method in ('token', 'page')),
  add constraint payments_fee check (fee between 0 and amount);
create unique index payments_session on payments (session_id) where session_id is not null;
create unique index payments_stripe_id on payments (stripe_id) where stripe_id is not null;
create index payments_to_look_at on payments (next_look_at) where next_look_at is not null;

update payments set next_look_at = now()
where status = 'authorized' or id in (select payment_id from refunds where status = 'pending');

alter table refunds
  -- The part of the fee that goes back with it.
  add column fee integer not null default 0;
create unique index refunds_stripe_id on refunds (stripe_id) where stripe_id is not null;

alter table provider_calls
  -- The worker that has it: see the kit's presence.ts. One that has died is known at once, next_try_at is for what it cannot show.
  add column taken_by integer,
  drop constraint provider_calls_op,
  add constraint provider_calls_op check (op in ('authorize', 'open-page', 'end-page', 'capture', 'void', 'refund'));
-- What is still to be said is frozen word for word.
update provider_calls c set params = jsonb_build_object('request', case c.op
  when 'authorize' then jsonb_build_object(
      'amount', p.amount, 'currency', p.currency, 'capture_method', 'manual', 'confirm', true, 'allowed_payment_method_types', jsonb_build_array('card'),
      'metadata', jsonb_build_object('payment_id', p.id, 'order_id', p.order_id))
    || case when c.params ->> 'token' like 'pm\_%' then jsonb_build_object('payment_method', c.params ->> 'token')
       else jsonb_build_object('payment_method_data', jsonb_build_object('type', 'card', 'card', jsonb_build_object('token', c.params ->> 'token'))) end
  else jsonb_build_object(
      'payment_intent', p.stripe_id, 'amount', c.params -> 'amount', 'metadata', jsonb_build_object('payment_id', p.id, 'refund_id', c.refund_id))
  end)
from payments p where p.id = c.payment_id and c.status = 'pending' and c.op in ('authorize', 'refund');
create index provider_calls_of_payment on provider_calls (payment_id);

-- What the provider has told us. Of its content only what finds the payment is kept: the effect comes from asking the provider.
create table provider_events (
  id          text        not null,
  type        text        not null,
  object_id   text        not null,
  intent_id   text,
  payment_id  uuid,
  state       text        not null default 'pending',
  tries       integer     not null default 0,
  taken_by    integer,
  next_try_at timestamptz not null,
  error       text,
  received_at timestamptz not null,
  constraint provider_events_pkey primary key (id),
  constraint provider_events_state check (state in ('pending', 'done', 'unknown'))
);
create index provider_events_due on provider_events (next_try_at) where state = 'pending';
create index provider_events_received_at on provider_events using brin (received_at);

-- The token bucket for calls to the provider, shared by all replicas. It need not survive a crash of the database.
create unlogged table provider_pace (
  one     boolean     not null default true,
  free_at timestamptz not null,
  constraint provider_pace_pkey primary key (one),
  constraint provider_pace_one check (one)
);

-- Double entry: a row is one transaction, a column what it does to one account; it cannot be written unless it sums to zero.
-- Positive is what an account has or owes us, negative what we owe it.
create table ledger (
  id         uuid        not null,
  kind       text        not null,
  order_id   uuid        not null,
  payment_id uuid        not null,
  refund_id  uuid,
  seller_id  uuid        not null,
  currency   text        not null,
  buyer      integer     not null default 0,
  seller     integer     not null default 0,
  platform   integer     not null default 0,
  provider   integer     not null default 0,
  booked_at  timestamptz not null,
  constraint ledger_pkey primary key (id),
  constraint ledger_kind check (kind in ('sale', 'capture', 'refund', 'payback', 'payback-failed', 'refund-undone')),
  constraint ledger_balanced check (buyer + seller + platform + provider = 0),
  constraint ledger_payment_id_fkey foreign key (payment_id) references payments (id)
);
create index ledger_of_seller on ledger (seller_id, currency);
create index ledger_of_payment on ledger (payment_id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The ledger is append-only: write a transaction that undoes the other one.';
end $$;
create trigger ledger_append_only before update or delete or truncate on ledger for each statement execute function refuse_change();

-- What was captured and refunded before there was a ledger.
insert into ledger (id, kind, order_id, payment_id, seller_id, currency, buyer, seller, provider, booked_at)
select uuidv7(), k.kind, p.order_id, p.id, o.seller_id, p.currency,
  case k.kind when 'sale' then p.amount else -p.amount end, case k.kind when 'sale' then -p.amount else 0 end, case k.kind when 'sale' then 0 else p.amount end, p.updated_at
from payments p join orders o on o.id = p.order_id, (values ('sale'), ('capture')) k (kind)
where p.status in ('captured', 'refunded');
insert into ledger (id, kind, order_id, payment_id, refund_id, seller_id, currency, buyer, seller, provider, booked_at)
select uuidv7(), k.kind, p.order_id, p.id, r.id, o.seller_id, p.currency,
  case k.kind when 'refund' then -r.amount else r.amount end, case k.kind when 'refund' then r.amount else 0 end, case k.kind when 'refund' then 0 else -r.amount end, r.updated_at
from refunds r join payments p on p.id = r.payment_id join orders o on o.id = p.order_id, (values ('refund'), ('payback')) k (kind)
where r.status = 'succeeded' or (r.status = 'pending' and k.kind = 'refund');

-- One row a night, so that of several replicas one compares.
create table book_comparisons (
  night       date        not null,
  compared    integer,
  differences jsonb,
  finished_at timestamptz,
  constraint book_comparisons_pkey primary key (night)
);
