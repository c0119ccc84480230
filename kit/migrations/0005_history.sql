-- compatible: columns that nobody has to fill, and a table and functions that older code does not know
-- Whether an outbox still is the one in which a position was taken: see bus/outbox-log.ts. A database that was restored, or failed over to a replica that
-- was behind, counts on from an earlier number, and may lack what others have read.

alter table cursors
  -- The id of the message at this position: the proof that the outbox still has it.
  add column message_id      uuid,
  -- Over a broker: which history of the publisher the position is of, and where on the stream the message was.
  add column epoch           bigint not null default 0,
  add column stream_sequence bigint,
  -- While it is read again after its history has changed: transactions before this one may have been read before.
  add column again_until     xid8;

alter table relay_position
  -- Which history of this outbox is published: milliseconds since 1970 when it began, 0 for the first.
  add column epoch       bigint not null default 0,
  add column again_until xid8;

-- How far each listener has read this service's outbox, as far as it has said so. What was not read is not pruned.
create table outbox_listeners (
  name    text        not null,
  xid     xid8        not null,
  seq     bigint      not null,
  seen_at timestamptz not null,
  constraint outbox_listeners_pkey primary key (name)
);

-- For listeners that read the outbox through the read-only role: they may say how far they are, and nothing else.
create function report_position(listener text, at_xid text, at_seq text) returns void
language sql security definer set search_path = public as $$
  insert into outbox_listeners (name, xid, seq, seen_at)
  values (left(listener, 100), at_xid::xid8, at_seq::bigint, clock_timestamp())
  on conflict on constraint outbox_listeners_pkey do update
    set xid = excluded.xid, seq = excluded.seq, seen_at = excluded.seen_at
$$;
revoke execute on function report_position from public;

do $$
begin
  if exists (select from pg_roles where rolname = current_user || '_reader') then
    execute format('grant execute on function report_position to %I', current_user || '_reader');
  end if;
end $$;
