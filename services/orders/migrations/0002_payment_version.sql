-- How far the order has followed its payment's refunds: news of an older version that comes late changes nothing.
alter table orders add column payment_version integer not null default 0;
