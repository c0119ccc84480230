-- How often a client has called in its current minute, of all replicas together. It need not survive a crash of the database.
create unlogged table rate_counts (
  key     text        not null,
  count   integer     not null,
  ends_at timestamptz not null,
  constraint rate_counts_pkey primary key (key)
);
