-- How far this service's outbox was published to a broker, where there is one: see bus/nats-relay.ts.
create table relay_position (
  only_row        boolean not null default true,
  xid             xid8    not null default '0',
  seq             bigint  not null default 0,
  -- The last message of the stream when that row was acknowledged; null: go on from here, whatever the stream ends with.
  stream_sequence bigint  default 0,
  -- Counts how often a person has set it back: a relay that has not seen that must not overwrite it.
  rewinds         integer not null default 0,
  constraint relay_position_pkey primary key (only_row),
  constraint relay_position_only_row check (only_row)
);
insert into relay_position default values;
