-- When this marketplace began to send notices. What happened before is nobody's news.
create table beginning (
  at timestamptz not null default now()
);
insert into beginning default values;

-- One key pair for each account. What auth seals with the public half can be read only with this row: when the row is
-- deleted, no copy of an address or a link can be read any more.
create table contact_keys (
  user_id     uuid        not null,
  version     integer     not null,
  private_key jsonb       not null,
  made_at     timestamptz not null,
  constraint contact_keys_pkey primary key (user_id)
);

-- How a person is reached, sealed as auth said it. `confirmed`: they have proved that the address is theirs.
create table contacts (
  user_id   uuid    not null,
  version   integer not null,
  sealed    text,
  language  text    not null default 'en',
  confirmed boolean not null default false,
  constraint contacts_pkey primary key (user_id)
);

-- What notices must know of orders: whom they concern, and what they are for. A payment may be heard of before its
-- order: the version is then 0.
create table orders (
  id          uuid    not null,
  version     integer not null,
  buyer_id    uuid,
  seller_id   uuid,
  status      text,
  reason      text,
  number      text,
  ticket      jsonb,
  page_opened boolean not null default false,
  constraint orders_pkey primary key (id)
);

-- One notice for each fact, kind and person. `fact` is the order, the payment at a version, the link: the same however
-- often, and under whatever id, its message arrives.
create table notices (
  id         uuid        not null,
  user_id    uuid        not null,
  kind       text        not null,
  fact       text        not null,
  order_id   uuid,
  params     jsonb       not null,
  -- Shown in the product; otherwise it is a mail alone.
  is_shown   boolean     not null,
  made_at    timestamptz not null,
  read_at    timestamptz,
  constraint notices_pkey primary key (id),
  constraint notices_once unique (fact, kind, user_id)
);
create index notices_of_user on notices (user_id, id) where is_shown;
create index notices_unread on notices (user_id, id) where is_shown and read_at is null;
create index notices_of_order on notices (order_id, id) where order_id is not null;

-- How many notices a person has not read.
create table inboxes (
  user_id uuid    not null,
  version integer not null,
  unread  integer not null,
  constraint inboxes_pkey primary key (user_id),
  constraint inboxes_unread check (unread >= 0)
);

-- What became of the mail of a notice.
create table deliveries (
  notice_id     uuid        not null,
  user_id       uuid        not null,
  status        text        not null,
  -- Why there is no mail, or what the server said.
  why           text,
  -- A keyed hash of the address that it was sent to.
  address_mac   bytea,
  sent_at       timestamptz,
  -- Its reader called it unwanted.
  complained_at timestamptz,
  changed_at    timestamptz not null,
  constraint deliveries_pkey primary key (notice_id),
  constraint deliveries_status check (status in ('queued', 'waiting', 'sent', 'deferred', 'bounced', 'suppressed', 'given-up'))
);
create index deliveries_waiting on deliveries (user_id) where status = 'waiting';
create index deliveries_of_address on deliveries (address_mac, sent_at) where address_mac is not null;

-- Kinds of mail that a person has switched on or off.
create table preferences (
  user_id uuid    not null,
  kind    text    not null,
  mail    boolean not null,
  constraint preferences_pkey primary key (user_id, kind)
);

-- Addresses that refused our mail for good, or whose owner complained, as keyed hashes. It ended when the owner said that
-- the address works again, at `lifted_at`; an address may be suppressed again after that.
create table suppressions (
  address_mac bytea       not null,
  reason      text        not null,
  at          timestamptz not null,
  lifted_at   timestamptz,
  constraint suppressions_pkey primary key (address_mac),
  constraint suppressions_reason check (reason in ('refused', 'complained'))
);

-- The development mailbox: mails that were sent with MAIL_URL=mailbox:.
create table mailbox (
  id         uuid        not null,
  message_id text        not null,
  recipient  text        not null,
  subject    text        not null,
  headers    jsonb       not null,
  html       text        not null,
  plain      text        not null,
  attachments jsonb      not null,
  at         timestamptz not null,
  constraint mailbox_pkey primary key (id)
);
create index mailbox_recipient on mailbox (recipient, id);
