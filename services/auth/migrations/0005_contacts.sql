-- compatible: columns that may be empty or have a default, and tables that older code does not know
-- The language of the mails to a user, and when the user proved that the address is theirs.
alter table users add column language text not null default 'en';
alter table users add constraint users_language check (language in ('en', 'de'));
alter table users add column email_confirmed_at timestamptz;
-- The operator vouches for the address of an admin.
update users set email_confirmed_at = created_at where role = 'admin';

-- The newest key of each user, from notices: what is for notices alone is sealed with it.
create table contact_keys (
  user_id    uuid    not null,
  version    integer not null,
  public_key jsonb   not null,
  constraint contact_keys_pkey primary key (user_id),
  constraint contact_keys_user_id_fkey foreign key (user_id) references users (id)
);

-- The links that are sent by mail. Of the secret there is only its SHA-256, and not even that before the mail is on
-- its way.
create table links (
  id         uuid        not null,
  user_id    uuid        not null,
  purpose    text        not null,
  token_hash bytea,
  -- The address that the link is about, where it is not the user's own.
  address    text,
  made_at    timestamptz not null,
  sent_at    timestamptz,
  expires_at timestamptz not null,
  used_at    timestamptz,
  constraint links_pkey primary key (id),
  constraint links_user_id_fkey foreign key (user_id) references users (id),
  constraint links_token_hash_key unique (token_hash),
  constraint links_purpose
    check (purpose in ('confirm-address', 'change-address', 'undo-address', 'reset-password', 'known-address')),
  constraint links_sent check (token_hash is null or sent_at is not null)
);
create index links_of_user on links (user_id);
create index links_unsent on links (user_id) where sent_at is null;
create index links_expires_at on links (expires_at);

-- How many mails were asked for, by a user or for an address.
create table link_counts (
  who     text        not null,
  count   integer     not null,
  ends_at timestamptz not null,
  constraint link_counts_pkey primary key (who)
);
create index link_counts_ends_at on link_counts (ends_at);
