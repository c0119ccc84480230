-- An admin looks for an account by the beginning of its email.
create index users_email_prefix on users (email_normalized text_pattern_ops);
