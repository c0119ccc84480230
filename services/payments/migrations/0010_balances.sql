-- compatible: a trigger keeps the sums up to date, whichever version writes the ledger
-- What sellers have earned, so that nobody has to sum all their rows of the ledger. Each statement that writes the
-- ledger leaves its sum in balance_changes, in the same transaction; a job adds these to balances later. So two sales
-- of one seller do not wait for each other. Both tables together are exact at any time.
create table balances (
  seller_id uuid   not null,
  currency  text   not null,
  sold      bigint not null,
  fees      bigint not null,
  refunded  bigint not null,
  due       bigint not null,
  constraint balances_pkey primary key (seller_id, currency)
);
create table balance_changes (
  seller_id uuid   not null,
  currency  text   not null,
  sold      bigint not null,
  fees      bigint not null,
  refunded  bigint not null,
  due       bigint not null
)
-- Its rows come and go all the time, so its size says nothing about when to vacuum it.
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 10000);
create index balance_changes_of_seller on balance_changes (seller_id);

create function note_balance_changes() returns trigger language plpgsql as $$
begin
  insert into balance_changes (seller_id, currency, sold, fees, refunded, due)
  select seller_id, currency, coalesce(sum(buyer) filter (where kind = 'sale'), 0), -sum(platform),
    coalesce(-sum(buyer) filter (where kind in ('refund', 'refund-undone')), 0), -sum(seller)
  from written group by seller_id, currency;
  return null;
end $$;
-- Keeps writers out until the end of this file, so that the sums below miss no row and count none twice.
create trigger ledger_balances after insert on ledger referencing new table as written
  for each statement execute function note_balance_changes();

insert into balances (seller_id, currency, sold, fees, refunded, due)
select seller_id, currency, coalesce(sum(buyer) filter (where kind = 'sale'), 0), -sum(platform),
  coalesce(-sum(buyer) filter (where kind in ('refund', 'refund-undone')), 0), -sum(seller)
from ledger group by seller_id, currency;
