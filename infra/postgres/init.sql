-- At the first start, by the superuser: the databases and roles, with their passwords, as infra/make-secrets.ts has made them.
\i /secrets/databases.sql
