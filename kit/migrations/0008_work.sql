-- compatible: a table that older code does not know
-- Durable work: committed in the transaction of the fact that makes it necessary, run afterwards. See work/worker.ts.
create table work (
  -- <kind>:<what for>:<number>. Asked for again after it has failed, work gets the next number.
  key         text        not null,
  kind        text        not null,
  -- What it is about, for whoever reads its history: a payment, a mail.
  subject     text        not null,
  data        jsonb       not null,
  status      text        not null default 'pending',
  tries       integer     not null default 0,
  -- The worker that has it: see work/liveness.ts. A dead one is known at once; next_try_at is the backstop.
  taken_by    integer,
  -- When it is due; while it is taken, the end of the lease.
  next_try_at timestamptz not null,
  error       text,
  request_id  text,
  traceparent text,
  created_at  timestamptz not null,
  finished_at timestamptz,
  constraint work_pkey primary key (key),
  -- failed: it got a definitive refusal. dead: it was given up, and waits for a person as long as its queue keeps it.
  constraint work_status check (status in ('pending', 'done', 'failed', 'dead')),
  constraint work_finished check ((status = 'pending') = (finished_at is null))
)
-- Every row is updated once and stays for long: shares of the table would mean that work_due, which is small, fills with
-- dead entries, and that the planner knows it as it was in the last crowd.
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000, autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 10000);
create index work_due on work (kind, created_at) where status = 'pending';
create index work_of_subject on work (subject);
create index work_finished on work (kind, finished_at) where status <> 'pending';
create index work_dead on work (created_at) where status = 'dead';
