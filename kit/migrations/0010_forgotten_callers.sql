-- compatible: a table that older code does not know
-- Users whose account was erased, for some minutes: what came late about their requests is forgotten then, too.
create table forgotten_callers (
  user_id uuid        not null,
  at      timestamptz not null default now(),
  constraint forgotten_callers_pkey primary key (user_id)
);
create index forgotten_callers_at on forgotten_callers (at);
