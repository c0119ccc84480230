-- compatible: indexes that older code does not need
-- Why a seat is not for sale twice, and not again once it is sold.
create unique index tickets_one_per_seat on tickets (event_id, seat_key)
  where seat_key <> '' and refunded_at is null and status in ('listed', 'reserved', 'sold');
create index tickets_without_seat_key on tickets (id) where seat_key is null;
