-- compatible: tables and an index that older code does not know Passwords that were given for an account, or for an
-- address that has none, and were not right, or not judged yet. What it is about is a keyed hash. `device` is a device
-- that has signed in to the account before, or empty for all others together.
create table password_guesses (
  account     text        not null,
  device      text        not null,
  guesses     integer     not null,
  next_try_at timestamptz not null,
  constraint password_guesses_pkey primary key (account, device)
);
create index password_guesses_next_try_at on password_guesses (next_try_at);

-- Accounts that were made from an address within an hour.
create table sign_up_counts (
  address text        not null,
  count   integer     not null,
  ends_at timestamptz not null,
  constraint sign_up_counts_pkey primary key (address)
);
create index sign_up_counts_ends_at on sign_up_counts (ends_at);

-- Few addresses have other letters than ASCII; each start looks whether they are in the form of today
-- (normalize-emails.ts).
create index users_email_not_ascii on users (id) where octet_length(email_normalized) <> char_length(email_normalized);
