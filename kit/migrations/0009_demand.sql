-- compatible: a function that older code does not know
-- Fails the transaction unless `ok`. So an assumption can be checked by the server, without a wait for its answer.
create function demand(ok boolean, what text) returns void language plpgsql as $$
begin
  if ok is not true then raise exception '%', what; end if;
end $$;
