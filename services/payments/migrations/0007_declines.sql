-- compatible: a table, and a column that nobody has to fill
-- Where a payment was asked for: what limits by address go by.
alter table payments add column address text;
create index payments_tokens_under_way on payments (order_id) where status = 'created' and method = 'token';

-- Cards that were declined in the last hours: one row a card, whether its token came to us or it was typed on the
-- provider's page.
create table declines (
  id         text        not null,
  payment_id uuid        not null,
  buyer_id   uuid        not null,
  address    text,
  at         timestamptz not null,
  constraint declines_pkey primary key (id),
  constraint declines_payment_id_fkey foreign key (payment_id) references payments (id)
);
create index declines_of_buyer on declines (buyer_id, at);
create index declines_of_address on declines (address, at);
create index declines_at on declines (at);
