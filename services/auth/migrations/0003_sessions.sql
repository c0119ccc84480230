-- compatible: a table that older code does not know
-- The sessions that were begun, one for each sign-in: what a user sees as the devices on which they are signed in.
create table sessions (
  id               uuid        not null,
  user_id          uuid        not null,
  -- Browser and system, as far as the User-Agent says; the address from which it was seen last.
  device           text,
  address          text        not null,
  created_at       timestamptz not null,
  -- When the password was given; a change of the password moves it.
  authenticated_at timestamptz not null,
  seen_at          timestamptz not null,
  -- When the last of its tokens expires.
  expires_at       timestamptz not null,
  ended_at         timestamptz,
  end_reason       text,
  constraint sessions_pkey primary key (id),
  constraint sessions_user_id_fkey foreign key (user_id) references users (id),
  constraint sessions_end check ((ended_at is null) = (end_reason is null))
);
create index sessions_of_user on sessions (user_id) where ended_at is null;
create index sessions_expires_at on sessions (expires_at);
