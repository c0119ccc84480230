-- compatible: a table that older code does not know Who did what, and who was refused: docs/accounts.md. No emails,
-- names or passwords; the address is personal data, and goes with the row after 90 days.
create table audit (
  id      uuid        not null default uuidv7(),
  at      timestamptz not null,
  -- The user who did it, by which session; null for a stranger.
  actor   uuid,
  session uuid,
  address text,
  action  text        not null,
  -- What it was done to: a user, an order, a payment, a message.
  subject text,
  outcome text        not null,
  detail  text,
  -- What was refused again and again is one row.
  times   integer     not null default 1,
  constraint audit_pkey primary key (id)
);
create index audit_of_actor on audit (actor, id);
create index audit_of_subject on audit (subject, id);
create index audit_of_action on audit (action, id);
create index audit_at on audit (at);
