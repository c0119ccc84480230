-- compatible: a column with a default, which also numbers what older code inserts
-- Order numbers for people: contracts/order-number.ts. The nth order gets the nth number of a secret order of all
-- numbers, so two are never the same, none is tried twice, and nobody can tell from one how many orders there are.
create sequence order_numbers minvalue 0 maxvalue 17179869183; -- 2^34 - 1

-- The secret, drawn once: 244 random bits.
create table order_number_key (
  one boolean not null default true,
  key bytea   not null,
  constraint order_number_key_pkey primary key (one),
  constraint order_number_key_one check (one)
);
insert into order_number_key (key)
values (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

-- A Feistel network over 34 bits: each round can be undone, whatever its function returns, so different `nth` give
-- different numbers (Luby and Rackoff, 1988). Its function is SHA-256 with the key. As both halves have only 17 bits, it
-- takes eight rounds instead of four. 2^34 is just less than 29^7, so seven characters hold every result.
create function order_number(nth bigint) returns text language plpgsql stable strict as $$
declare
  alphabet constant text := '23456789ABCDEFGHJKMNPQRTVWXYZ';
  secret bytea := (select key from order_number_key);
  high integer := nth >> 17;
  low integer := nth & 131071;
  hash bytea;
  rest bigint;
  value integer;
  sum integer := 0;
  number text := '';
begin
  if nth not between 0 and 17179869183 then raise exception 'there is no order number for %', nth; end if;
  for round in 1..8 loop
    hash := sha256(secret || int4send(round) || int4send(low));
    value := high # ((get_byte(hash, 0) << 16 | get_byte(hash, 1) << 8 | get_byte(hash, 2)) & 131071);
    high := low;
    low := value;
  end loop;
  rest := (high::bigint << 17) | low;
  -- From the seventh character, whose weight is 2, to the first, whose weight is 8.
  for weight in 2..8 loop
    value := rest % 29;
    rest := rest / 29;
    sum := sum + value * weight;
    number := substr(alphabet, value + 1, 1) || number;
  end loop;
  number := number || substr(alphabet, (29 - sum % 29) % 29 + 1, 1);
  return substr(number, 1, 4) || '-' || substr(number, 5);
end $$;

-- Without a default at first, so the table is not rewritten under a lock. The job number-orders numbers what is there.
alter table orders add column number text;
alter table orders alter column number set default order_number(nextval('order_numbers'));
