/**
 * Statements that create the table of audit records and its roles. They can be repeated.
 *
 * The writer can insert records and add the partition of a month, and nothing else. The reader can select. Only the
 * owner can drop a month. All roles begin without a password.
 */
export const AUDIT_SCHEMA = `
do $$
declare
  name text;
begin
  foreach name in array array['aerie_audit_owner', 'aerie_audit_writer', 'aerie_audit_reader'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I login', name);
    end if;
  end loop;
  execute format('grant connect on database %I to aerie_audit_owner, aerie_audit_writer, aerie_audit_reader',
    current_database());
end $$;

-- A statement that waits for a lock must not outlive its connection.
alter role aerie_audit_writer set statement_timeout = '8s';

grant aerie_audit_owner to current_user;
create schema if not exists aerie_audit authorization aerie_audit_owner;

set role aerie_audit_owner;

-- By the day of the chain, not by that of the record: no chain is in two partitions.
create table if not exists aerie_audit.records (
  day date not null,
  chain text not null,
  seq bigint not null,
  time timestamptz not null,
  event text not null,
  outcome text not null,
  organization text,
  subject text,
  tool text,
  line text not null,
  primary key (chain, seq, day)
) partition by range (day);
create index if not exists records_time on aerie_audit.records (time);
-- The record of a refused batch has all of its tools, which exceed the maximum of a B-tree if they are many.
drop index if exists aerie_audit.records_tool;
create index if not exists records_tools on aerie_audit.records using gin (string_to_array(tool, ','))
  where tool is not null;

grant usage on schema aerie_audit to aerie_audit_writer, aerie_audit_reader;
grant insert on aerie_audit.records to aerie_audit_writer;
grant select on aerie_audit.records to aerie_audit_reader;

-- Creates the partition of a month. It is attached, because creating it as a partition would block all inserts.
create or replace function aerie_audit.open_month(a_day date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  first date := date_trunc('month', a_day)::date;
  name text := 'records_' || to_char(first, 'YYYYMM');
begin
  if to_regclass('aerie_audit.' || name) is not null then return; end if;
  -- Writers also open the month in four weeks.
  if a_day not between current_date - 62 and current_date + 90 then
    raise exception 'The partition of % cannot be created: only those of the next and last months can.', a_day;
  end if;
  perform pg_advisory_xact_lock(7026112106);
  if to_regclass('aerie_audit.' || name) is not null then return; end if;
  execute format('create table aerie_audit.%I (like aerie_audit.records including all)', name);
  execute format('alter table aerie_audit.records attach partition aerie_audit.%I for values from (%L) to (%L)',
    name, first, (first + interval '1 month')::date);
end $$;
revoke execute on function aerie_audit.open_month(date) from public;
grant execute on function aerie_audit.open_month(date) to aerie_audit_writer;

-- Drops the months that ended at least this number of days ago, and returns their names.
create or replace function aerie_audit.prune(days integer) returns setof text
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  name text;
begin
  for name in
    select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'aerie_audit.records'::regclass and relname ~ '^records_[0-9]{6}$'
      and (to_date(substr(relname, 9), 'YYYYMM') + interval '1 month')::date <= current_date - days
    order by relname
  loop
    execute format('drop table aerie_audit.%I', name);
    return next name;
  end loop;
end $$;
revoke execute on function aerie_audit.prune(integer) from public;

reset role;
revoke aerie_audit_owner from current_user;
`.trimStart();
