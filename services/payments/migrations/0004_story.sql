-- When a call had its answer: for an admin who reads the story of an order.
alter table provider_calls add column finished_at timestamptz;

-- What a seller has sold.
alter table orders add column ticket_id uuid;
create index orders_of_seller on orders (seller_id, id desc);
create index provider_events_of_payment on provider_events (payment_id) where payment_id is not null;
