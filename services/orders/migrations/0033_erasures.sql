-- compatible: columns that may be empty or have a default
-- The newest wish to erase the account that was heard of, and the one that was agreed to: the user may then reserve
-- nothing, and nobody their tickets, until it is decided.
alter table users add column erasure_version integer not null default 0;
alter table users add column closing integer;
-- Nothing that comes later about an erased user counts.
alter table users add column erased boolean not null default false;
-- Tickets that were paid, of their seller; those of a buyer are in orders_of_buyer_for_event.
create index orders_paid_of_seller on orders (seller_id, id) where status in ('paying', 'complete');
