-- The tables that every service has. The outbox is read by other services as a log, through a role that can read nothing else.

create table outbox (
  xid        xid8        not null default pg_current_xact_id(),
  seq        bigint      generated always as identity,
  message    json        not null,
  written_at timestamptz not null default now(),
  constraint outbox_pkey primary key (xid, seq)
);
create index outbox_written_at on outbox using brin (written_at);

-- How far this service has read the outbox of another one.
create table cursors (
  publisher text   not null,
  xid       xid8   not null,
  seq       bigint not null,
  constraint cursors_pkey primary key (publisher)
);

-- Messages whose effect is committed, in the same transaction: a redelivery finds its id here.
create table inbox (
  message_id  uuid        not null,
  consumed_at timestamptz not null default now(),
  constraint inbox_pkey primary key (message_id)
);
create index inbox_consumed_at on inbox using brin (consumed_at);

-- Messages that failed: tried again from here, at last parked for a person to look at.
create table parked_messages (
  message_id  uuid        not null,
  publisher   text        not null,
  message     json        not null,
  state       text        not null,
  tries       integer     not null,
  next_try_at timestamptz not null,
  error       text        not null,
  since       timestamptz not null default now(),
  constraint parked_messages_pkey primary key (message_id),
  constraint parked_messages_state check (state in ('retrying', 'parked'))
);
create index parked_messages_due on parked_messages (next_try_at) where state = 'retrying';

-- The first answer to every unsafe request that carried an Idempotency-Key.
create table idempotency_keys (
  scope       text        not null,
  key         text        not null,
  fingerprint bytea       not null,
  status      integer,
  answer      json,
  created_at  timestamptz not null,
  constraint idempotency_keys_pkey primary key (scope, key)
);
create index idempotency_keys_created_at on idempotency_keys using brin (created_at);

-- Sessions of a user whose password was given at or before this moment are refused.
create table session_revocations (
  user_id        uuid        not null,
  revoked_before timestamptz not null,
  recorded_at    timestamptz not null default clock_timestamp(),
  constraint session_revocations_pkey primary key (user_id)
);
create index session_revocations_recorded_at on session_revocations (recorded_at);

do $$
begin
  if exists (select from pg_roles where rolname = current_user || '_reader') then
    execute format('grant select on outbox to %I', current_user || '_reader');
  end if;
end $$;
