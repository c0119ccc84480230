-- compatible: a column that may be empty, and one that older code fills as before
-- An account whose address belongs to another account has it in `email_claimed`. Whoever confirms it first owns it.
alter table users alter column email_normalized drop not null;
alter table users add column email_claimed text;
alter table users add constraint users_email check ((email_normalized is null) <> (email_claimed is null));
create index users_email_claimed on users (email_claimed text_pattern_ops, id) where email_claimed is not null;
