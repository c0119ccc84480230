-- compatible: a table and an index that older code does not know
-- Users who were erased: nothing that comes later about them makes a row.
create table erased_users (
  user_id      uuid        not null,
  at           timestamptz not null,
  -- When the private key was deleted: nothing that was sealed for the user can be read since then.
  key_gone_at  timestamptz,
  -- When what came late was deleted as well.
  forgotten_at timestamptz,
  constraint erased_users_pkey primary key (user_id)
);
create index erased_users_open on erased_users (at) where forgotten_at is null;
create index notices_mailed_alone on notices (user_id) where not is_shown;
