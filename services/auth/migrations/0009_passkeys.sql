-- compatible: tables that older code does not know
-- The public halves of the users' passkeys.
create table passkeys (
  id            uuid        not null,
  user_id       uuid        not null,
  credential_id bytea       not null,
  -- A COSE key (RFC 9052).
  public_key    bytea       not null,
  -- Of its signatures; 0 if the authenticator does not count.
  counter       bigint      not null,
  transports    text[]      not null,
  name          text        not null,
  backed_up     boolean     not null,
  made_at       timestamptz not null,
  used_at       timestamptz,
  constraint passkeys_pkey primary key (id),
  constraint passkeys_user_id_fkey foreign key (user_id) references users (id),
  constraint passkeys_credential_id_key unique (credential_id)
);
create index passkeys_of_user on passkeys (user_id, id);

-- What a passkey is asked to sign. A row is deleted by the statement that uses it.
create table passkey_challenges (
  challenge  bytea       not null,
  purpose    text        not null,
  -- Whose passkey is asked; null where whoever signs is signed in.
  user_id    uuid,
  expires_at timestamptz not null,
  constraint passkey_challenges_pkey primary key (challenge),
  constraint passkey_challenges_user_id_fkey foreign key (user_id) references users (id),
  constraint passkey_challenges_purpose check (purpose in ('register', 'sign-in', 'proof', 'second-step')),
  constraint passkey_challenges_user check ((user_id is null) = (purpose = 'sign-in'))
);
create index passkey_challenges_expires_at on passkey_challenges (expires_at);
