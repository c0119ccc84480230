#!/bin/bash
# The first time: a cluster with the password of the secret, and what lies in /docker-entrypoint-initdb.d, over the socket. Then the server, as its own user.
set -e
export PATH=/opt/postgres/bin:$PATH PGDATA=/var/lib/postgresql/18/docker
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres: /var/lib/postgresql /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" --auth-host=scram-sha-256 --auth-local=trust
  pg_ctl --wait --options="-c listen_addresses='' -k /var/run/postgresql" start
  for file in /docker-entrypoint-initdb.d/*.sql; do
    psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --host=/var/run/postgresql --username=postgres --file="$file"
  done
  pg_ctl --wait --mode=fast stop
fi
exec postgres -c listen_addresses='*' -k /var/run/postgresql "$@"
