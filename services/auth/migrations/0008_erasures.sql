-- compatible: a looser constraint, columns that may be empty, an index and a table that older code does not know
-- An erased account keeps its row: its id is in orders and in the ledger, and nobody else may ever have it.
alter table users add column erased_at timestamptz;
alter table users drop constraint users_email;
alter table users add constraint users_email check (case when erased_at is null
  then (email_normalized is null) <> (email_claimed is null)
  else email = '' and email_normalized is null and email_claimed is null and name is null and phone is null
    and password_hash = '' and email_confirmed_at is null end);
-- When its user was first asked to confirm the address; empty for accounts from before.
alter table users add column asked_to_confirm_at timestamptz;
-- For the accounts that nobody has used for long.
create index users_unconfirmed on users (asked_to_confirm_at) where email_confirmed_at is null and erased_at is null;
create index sessions_seen on sessions (user_id, seen_at);

-- The newest wish to erase an account, and what the services that must agree have answered.
create table erasures (
  user_id    uuid        not null,
  -- Counts the times it was asked for.
  version    integer     not null,
  by         text        not null,
  status     text        not null,
  asked_at   timestamptz not null,
  -- When it was last asked, should a service not have answered.
  said_at    timestamptz not null,
  -- By service: what stands in the way.
  answers    jsonb       not null default '{}',
  decided_at timestamptz,
  constraint erasures_pkey primary key (user_id),
  constraint erasures_user_id_fkey foreign key (user_id) references users (id),
  constraint erasures_by check (by in ('user', 'operator', 'unused')),
  constraint erasures_status check (status in ('asked', 'refused', 'done')),
  constraint erasures_decided check ((status = 'asked') = (decided_at is null))
);
create index erasures_open on erasures (said_at) where status = 'asked';
