-- The request that a refund was made for, by its Idempotency-Key: made again, it finds that refund and makes no other.
alter table refunds add column request_key text;
create unique index refunds_of_request on refunds (payment_id, request_key) where request_key is not null;
