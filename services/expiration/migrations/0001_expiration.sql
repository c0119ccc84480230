-- One timer an order. What is finished stays for some days, so that a late order:created sets nothing.
create table timers (
  order_id   uuid        not null,
  version    integer     not null,
  due_at     timestamptz not null,
  status     text        not null,
  changed_at timestamptz not null,
  constraint timers_pkey primary key (order_id),
  constraint timers_status check (status in ('set', 'dropped', 'rung'))
)
-- Every timer is updated once and deleted once: without frequent vacuums the front of timers_due fills with dead entries.
with (autovacuum_vacuum_scale_factor = 0.05);
create index timers_due on timers (due_at) where status = 'set';
create index timers_finished on timers (changed_at) where status <> 'set';
