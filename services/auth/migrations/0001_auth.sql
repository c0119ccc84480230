create table users (
  id                      uuid        not null,
  version                 integer     not null,
  -- As the user typed it, without surrounding blanks; `email_normalized` is what makes an account.
  email                   text        not null,
  email_normalized        text        not null,
  name                    text,
  phone                   text,
  role                    text        not null,
  password_hash           text        not null,
  banned_at               timestamptz,
  ban_reason              text,
  -- Passwords given at or before this moment carry no session any more. Kept here as well as in session_revocations, so that the lock of the
  -- row decides between a sign-in and a revocation that happen at once.
  sessions_revoked_before timestamptz,
  created_at              timestamptz not null,
  updated_at              timestamptz not null,
  constraint users_pkey primary key (id),
  constraint users_email_normalized_key unique (email_normalized),
  constraint users_role check (role in ('user', 'admin')),
  constraint users_ban check ((banned_at is null) = (ban_reason is null))
);
