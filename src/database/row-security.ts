import { type Kysely, sql } from 'kysely';

/**
 * Returns every way in which a role could bypass row security, as predicates to follow the name of the role.
 *
 * Checks the role, every role that it is a member of, and every relation with a column `organization_id` that the role
 * may use.
 */
export async function rowSecurityProblems(database: Kysely<unknown>, role: string): Promise<string[]> {
  const exempt = await exemptRoles(database, role);
  const own = exempt.filter(({ name }) => name === role).flatMap(({ abilities }) => abilities);
  // A superuser is a member of every role.
  if (own.length > 0) return own;
  return [
    ...exempt.map(({ name, abilities }) => `is a member of "${name}", which ${abilities.join(' and ')}`),
    ...(await relationProblems(database, role)),
    ...(await keyProblems(database, role)),
  ];
}

/** Checks access to the keys. A role that can read or replace the keys can sign for every organization. */
async function keyProblems(database: Kysely<unknown>, role: string): Promise<string[]> {
  const { rows } = await sql<{ exposed: boolean }>`
    select has_table_privilege(${role}, oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
      or has_any_column_privilege(${role}, oid, 'SELECT, INSERT, UPDATE')
      or pg_has_role(${role}, relowner, 'MEMBER')
      or has_schema_privilege(${role}, relnamespace, 'CREATE') as exposed
    from pg_class where oid = to_regclass('aerie.tenant_keys')`.execute(database);
  return rows.some(({ exposed }) => exposed) ? ['may read or change the keys in aerie.tenant_keys'] : [];
}

async function exemptRoles(
  database: Kysely<unknown>,
  role: string,
): Promise<{ name: string; abilities: string[] }[]> {
  const { rows } = await sql<{ name: string; superuser: boolean; abilities: string[] }>`
    select rolname as name, rolsuper as superuser, array_remove(array[
      case when rolbypassrls then 'is exempt from row security (BYPASSRLS)' end,
      case when rolcreaterole then 'may make itself a member of others (CREATEROLE)' end,
      case when rolreplication then 'may read every change of every row (REPLICATION)' end,
      case when rolname in ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
        then 'may access the files of the server' end
    ], null) as abilities
    from pg_roles where pg_has_role(${role}, oid, 'MEMBER')`.execute(database);
  return rows
    .map(({ name, superuser, abilities }) => ({
      name,
      abilities: superuser ? ['is a superuser'] : abilities,
    }))
    .filter(({ abilities }) => abilities.length > 0);
}

/** Checks tables, partitioned tables, foreign tables, materialized views and views. */
const relationProblems = (database: Kysely<unknown>, role: string): Promise<string[]> =>
  database.transaction().execute(async (transaction) => {
    // Names are shown without the schemas of the search path, and the path of a role named "aerie" has that schema.
    await sql`select set_config('search_path', 'public, pg_temp', true)`.execute(transaction);
    return problemsOfRelations(transaction, role);
  });

async function problemsOfRelations(database: Kysely<unknown>, role: string): Promise<string[]> {
  const { rows } = await sql<{
    name: string;
    owner: string;
    owned: boolean;
    view: boolean;
    exposing: boolean;
    truncatable: boolean;
    enforced: boolean;
    open: boolean;
  }>`
    select t.oid::regclass::text as name, rolname as owner,
      pg_has_role(${role}, relowner, 'MEMBER') as owned,
      relkind = 'v' as view,
      (rolsuper or rolbypassrls)
        and not coalesce(reloptions && '{security_invoker=true,security_invoker=on}', false) as exposing,
      has_table_privilege(${role}, t.oid, 'TRUNCATE') as truncatable,
      relrowsecurity and relforcerowsecurity as enforced,
      exists (
        select from pg_policy, unnest(array[pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)]) as rule
        where polrelid = t.oid and polpermissive and rule not like '%aerie.organization()%'
      ) as open
    from pg_class t
    join pg_roles on pg_roles.oid = relowner
    join pg_attribute on attrelid = t.oid and attname = 'organization_id' and not attisdropped
    where relkind in ('r', 'p', 'f', 'm', 'v')
      and (has_table_privilege(${role}, t.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
        or has_any_column_privilege(${role}, t.oid, 'SELECT, INSERT, UPDATE')
        or pg_has_role(${role}, relowner, 'MEMBER'))
    order by name`.execute(database);
  return rows.flatMap(({ name, owner, owned, view, exposing, truncatable, enforced, open }) => [
    ...(owned ? [owner === role ? `owns ${name}` : `is a member of "${owner}", which owns ${name}`] : []),
    ...(truncatable && !owned && !view ? [`may truncate ${name}`] : []),
    ...(enforced || view ? [] : [`may use ${name}, whose row security is not both enabled and forced`]),
    ...(view && exposing
      ? [`may use the view ${name}, which shows all rows that its owner "${owner}" sees`]
      : []),
    ...(open ? [`may use ${name}, which has a policy without aerie.organization()`] : []),
  ]);
}
