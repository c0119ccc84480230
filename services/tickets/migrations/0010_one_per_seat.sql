-- compatible: columns that may be empty; the newer code's job index-seats fills what older code leaves empty
-- A seat of an event as it is compared (seat-key.ts). Empty text: it is no single seat, or another ticket had it first
-- when there was no rule yet. Such a double stays for sale, and no further one is listed.
alter table tickets add column seat_key text;
-- Since when the buyer has all of the price back, and the seller the seat.
alter table tickets add column refunded_at timestamptz;
-- Why a seat is not for sale twice, and not again once it is sold.
create unique index tickets_one_per_seat on tickets (event_id, seat_key)
  where seat_key <> '' and refunded_at is null and status in ('listed', 'reserved', 'sold');
create index tickets_without_seat_key on tickets (id) where seat_key is null;
