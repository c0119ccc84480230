-- compatible: columns that may be empty; the newer code's job index-seats fills what older code leaves empty
-- A seat of an event as it is compared (seat-key.ts). Empty text: it is no single seat, or another ticket had it first
-- when there was no rule yet. Such a double stays for sale, and no further one is listed.
alter table tickets add column seat_key text;
-- Since when the buyer has all of the price back, and the seller the seat.
alter table tickets add column refunded_at timestamptz;
