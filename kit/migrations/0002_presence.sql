-- The numbers of the workers that live: see presence.ts. Called once a statement, as (select present_workers()).
create function present_workers() returns int[] language sql stable as $$
  select coalesce(array_agg(objid::bigint::int), '{}') from pg_locks
  where locktype = 'advisory' and classid = 1634300012 and objsubid = 2
    and database = (select oid from pg_database where datname = current_database())
$$;
