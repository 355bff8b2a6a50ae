import { type Kysely, sql } from 'kysely';

/**
 * What would let a role past row security, in words that follow the role's name; empty where nothing does.
 *
 * Looks at the role, at every role that it is a member of, and at every table with a column `organization_id` that it
 * may use.
 */
export async function rowSecurityProblems(database: Kysely<unknown>, role: string): Promise<string[]> {
  const exempt = await exemptRoles(database, role);
  const own = exempt.filter(({ name }) => name === role).flatMap(({ attributes }) => attributes);
  // A superuser is a member of every role.
  if (own.length > 0) return own;
  return [
    ...exempt.map(({ name, attributes }) => `is a member of "${name}", which ${attributes.join(' and ')}`),
    ...(await tableProblems(database, role)),
  ];
}

async function exemptRoles(
  database: Kysely<unknown>,
  role: string,
): Promise<{ name: string; attributes: string[] }[]> {
  const { rows } = await sql<{
    name: string;
    rolsuper: boolean;
    rolbypassrls: boolean;
    rolcreaterole: boolean;
  }>`
    select rolname as name, rolsuper, rolbypassrls, rolcreaterole from pg_roles
    where (rolsuper or rolbypassrls or rolcreaterole) and pg_has_role(${role}, oid, 'MEMBER')`.execute(
    database,
  );
  return rows.map(({ name, rolsuper, rolbypassrls, rolcreaterole }) => ({
    name,
    attributes: [
      ...(rolsuper ? ['is a superuser'] : []),
      ...(rolbypassrls && !rolsuper ? ['is exempt from row security (BYPASSRLS)'] : []),
      ...(rolcreaterole && !rolsuper ? ['may make itself a member of others (CREATEROLE)'] : []),
    ],
  }));
}

async function tableProblems(database: Kysely<unknown>, role: string): Promise<string[]> {
  const { rows } = await sql<{
    name: string;
    owner: string;
    owned: boolean;
    truncatable: boolean;
    enforced: boolean;
    open: boolean;
  }>`
    select t.oid::regclass::text as name, pg_get_userbyid(relowner) as owner,
      pg_has_role(${role}, relowner, 'MEMBER') as owned,
      has_table_privilege(${role}, t.oid, 'TRUNCATE') as truncatable,
      relrowsecurity and relforcerowsecurity as enforced,
      exists (
        select from pg_policy where polrelid = t.oid and polpermissive
          and coalesce(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid), '')
            not like '%aerie.organization%'
      ) as open
    from pg_class t
    join pg_attribute on attrelid = t.oid and attname = 'organization_id' and not attisdropped
    where relkind in ('r', 'p')
      and (has_table_privilege(${role}, t.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
        or has_any_column_privilege(${role}, t.oid, 'SELECT, INSERT, UPDATE')
        or pg_has_role(${role}, relowner, 'MEMBER'))
    order by name`.execute(database);
  return rows.flatMap(({ name, owner, owned, truncatable, enforced, open }) => [
    ...(owned ? [owner === role ? `owns ${name}` : `is a member of "${owner}", which owns ${name}`] : []),
    ...(truncatable && !owned ? [`may truncate ${name}`] : []),
    ...(enforced ? [] : [`may use ${name}, whose row security is not both enabled and forced`]),
    ...(open ? [`may use ${name}, which has a policy that does not go by aerie.organization`] : []),
  ]);
}
