-- What each user has.
create table notices (
  id         uuid        not null,
  user_id    uuid        not null,
  text       text        not null,
  created_at timestamptz not null,
  constraint notices_pkey primary key (id)
);
create index notices_of_user on notices (user_id, id);
