-- compatible: tables that older code does not know. Beside it, a password alone still signs in at an older replica
-- The authenticator app of a user. A secret is encrypted under FACTOR_SECRETS (factor-secrets.ts).
create table authenticators (
  user_id        uuid not null,
  -- The one that signs in, once a code of it has confirmed it.
  secret         text,
  confirmed_at   timestamptz,
  -- The last step of 30 seconds whose code was accepted: each is accepted once.
  last_step      integer,
  -- One that was shown and waits for a first code. Until then the other one stays.
  offered_secret text,
  offered_at     timestamptz,
  constraint authenticators_pkey primary key (user_id),
  constraint authenticators_user_id_fkey foreign key (user_id) references users (id),
  constraint authenticators_confirmed check ((secret is null) = (confirmed_at is null)),
  constraint authenticators_offered check ((offered_secret is null) = (offered_at is null))
);

-- Codes that work once, for a user whose other second factors are gone: argon2id, one salt for all codes of a user.
create table recovery_codes (
  user_id   uuid        not null,
  code_hash bytea       not null,
  salt      bytea       not null,
  made_at   timestamptz not null,
  used_at   timestamptz,
  constraint recovery_codes_pkey primary key (user_id, code_hash),
  constraint recovery_codes_user_id_fkey foreign key (user_id) references users (id)
);

-- Sign-ins whose password was right and whose second step is missing. A row goes when the step is taken.
create table second_steps (
  token_hash       bytea       not null,
  user_id          uuid        not null,
  -- When the password was given: a later revocation ends the sign-in, too.
  authenticated_at timestamptz not null,
  expires_at       timestamptz not null,
  constraint second_steps_pkey primary key (token_hash),
  constraint second_steps_user_id_fkey foreign key (user_id) references users (id)
);
create index second_steps_expires_at on second_steps (expires_at);
