-- compatible: columns that nobody has to fill
-- The spans that what is done about an order, a payment and a call is of: null where nothing is traced.
alter table orders add column traceparent text;
alter table payments add column traceparent text;
alter table provider_calls add column traceparent text;
