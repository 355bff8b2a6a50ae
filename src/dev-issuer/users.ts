/** Demo organization. Its id is the `oid` claim. */
export interface DemoOrganization {
  readonly id: string;
  readonly name: string;
}

/** User who can sign in at the development issuer, without a password. */
export interface DemoUser {
  /** Login name in the sign-in form and on the command line. */
  readonly login: string;
  /** The `sub` claim. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly organization: DemoOrganization;
  /** Description of the allowed scopes, for error messages. */
  readonly access: string;
  /** Whether this user may have a scope of the protected resource. */
  mayHave(scope: string): boolean;
}

const ACME: DemoOrganization = { id: 'org_acme', name: 'Acme' };
const GLOBEX: DemoOrganization = { id: 'org_globex', name: 'Globex' };

/** Demo users with different scopes, roles and organizations. */
export const DEMO_USERS: readonly DemoUser[] = [
  {
    login: 'alice',
    id: 'usr_100000000000000001',
    name: 'Alice',
    email: 'alice@example.com',
    role: 'admin',
    organization: ACME,
    access: 'every scope',
    mayHave: () => true,
  },
  {
    login: 'bob',
    id: 'usr_100000000000000002',
    name: 'Bob',
    email: 'bob@example.com',
    role: 'member',
    organization: GLOBEX,
    access: 'every scope except admin',
    mayHave: (scope) => scope !== 'admin',
  },
  {
    login: 'carol',
    id: 'usr_100000000000000003',
    name: 'Carol',
    email: 'carol@example.com',
    role: 'viewer',
    organization: ACME,
    access: 'only scopes that end in :read',
    mayHave: (scope) => scope.endsWith(':read'),
  },
];

/** Finds a user by login name. */
export function findUserByLogin(login: string | null): DemoUser | undefined {
  return DEMO_USERS.find((user) => user.login === login);
}

/** Finds a user by the `sub` claim. */
export function findUserById(id: string): DemoUser | undefined {
  return DEMO_USERS.find((user) => user.id === id);
}

/**
 * Finds a user by login name.
 *
 * @throws {Error} that lists the known logins, when the login is unknown
 */
export function requireUser(login: string): DemoUser {
  const user = findUserByLogin(login);
  if (!user) {
    const known = DEMO_USERS.map((demoUser) => demoUser.login).join(', ');
    throw new Error(`Unknown demo user "${login}". Use one of ${known}.`);
  }
  return user;
}
