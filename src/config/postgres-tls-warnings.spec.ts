import { postgresTlsWarnings } from './postgres-tls-warnings.js';

const warningsOf = (DATABASE_URL: string, variables: NodeJS.ProcessEnv = {}): string[] =>
  postgresTlsWarnings({ DATABASE_URL }, variables);

describe('TLS to PostgreSQL', () => {
  it.each([
    'localhost',
    '127.0.0.1:5432',
    '[::1]',
    'postgres',
    '%2Frun%2Fpostgresql',
    'db.example.com/aerie?host=/run/postgresql&',
    'db.example.com/aerie?sslmode=verify-full',
    'db.example.com/aerie?sslmode=no-verify&sslmode=require',
    'db.example.com/aerie?sslrootcert=/ca.pem',
    'db.example.com/aerie?ssl=true',
    'db.example.com/aerie?sslmode=require&sslrootcert=/ca.pem&uselibpqcompat=true',
    'db.example.com/aerie?sslnegotiation=direct',
  ])('is not needed, or verifies the server: %s', (rest) => {
    expect(warningsOf(`postgresql://aerie:secret@${rest}`)).toEqual([]);
  });

  it.each([
    'db.example.com',
    '10.0.0.5:5432/aerie',
    '[fd00::5]/aerie',
    'postgres/aerie?host=db.example.com',
    'db.example.com/aerie?sslmode=disable',
    'db.example.com/aerie?sslmode=no-verify&sslrootcert=/ca.pem',
    'db.example.com/aerie?sslmode=require&uselibpqcompat=true',
    'db.example.com/aerie?ssl=no-verify',
    'db.example.com/aerie?ssl=no-verify&sslnegotiation=direct',
    'db.example.com/aerie?sslmode=prefer&sslrootcert=/ca.pem&uselibpqcompat=true',
  ])('does not verify the server: %s', (rest) => {
    expect(warningsOf(`postgresql://aerie:secret@${rest}`)).toEqual([
      expect.stringMatching(/^DATABASE_URL connects to \S+ without TLS that verifies the server/),
    ]);
  });

  it('follows PGSSLMODE if the URL says nothing', () => {
    const url = 'postgresql://aerie:secret@db.example.com/aerie';
    expect(warningsOf(url, { PGSSLMODE: 'verify-full' })).toEqual([]);
    expect(warningsOf(`${url}?sslmode=no-verify`, { PGSSLMODE: 'verify-full' })).toHaveLength(1);
    expect(warningsOf(url, { PGSSLMODE: 'no-verify' })).toHaveLength(1);
  });

  it('follows PGHOST if the URL names no host', () => {
    const far = { PGHOST: 'db.example.com' };
    expect(warningsOf('postgresql:///aerie', far)).toEqual([
      expect.stringContaining('DATABASE_URL connects to db.example.com without TLS'),
    ]);
    expect(warningsOf('postgresql:///aerie?host=', far)).toHaveLength(1);
    expect(warningsOf('postgresql:///aerie', { PGHOST: '/run/postgresql' })).toEqual([]);
    expect(warningsOf('postgresql:///aerie')).toEqual([]);
    expect(warningsOf('postgresql://aerie:secret@postgres/aerie', far)).toEqual([]);
  });

  it('concerns every URL that the server opens', () => {
    const url = 'postgresql://aerie:secret@db.example.com/aerie';
    const urls = { DATABASE_MIGRATION_URL: url, AUDIT: ['postgres' as const], AUDIT_DATABASE_URL: url };
    expect(postgresTlsWarnings(urls, {})).toEqual([
      expect.stringMatching(/^DATABASE_MIGRATION_URL /),
      expect.stringMatching(/^AUDIT_DATABASE_URL /),
    ]);
  });
});
