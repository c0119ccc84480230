-- compatible: a table that older code does not know Sessions that were ended one by one: every token of one is refused.
-- Kept until the last token that could have been signed for it has expired.
create table ended_sessions (
  session_id  uuid        not null,
  until       timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  constraint ended_sessions_pkey primary key (session_id)
);
create index ended_sessions_recorded_at on ended_sessions (recorded_at);
create index ended_sessions_until on ended_sessions (until);
