import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { openPool } from '../src/database/open-pool.js';
import { createCertificates } from './support/certificates.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { eventually } from './support/until.js';

describe('TLS to PostgreSQL', () => {
  let postgres: PostgresServer;
  let url: string;
  let right: ReturnType<typeof createCertificates>;
  let elsewhere: ReturnType<typeof createCertificates>;

  const certificatesOf = (host: string): ReturnType<typeof createCertificates> => {
    const folder = join(postgres.folder, host);
    mkdirSync(folder);
    const certificates = createCertificates(folder, [host]);
    // PostgreSQL accepts only a key of its own user.
    execFileSync('chown', ['-R', `--reference=${postgres.folder}`, folder]);
    return certificates;
  };
  /** Turns TLS on with a certificate. */
  const serve = async ({ server }: typeof right): Promise<void> => {
    const files = { ssl_cert_file: `${server}.pem`, ssl_key_file: `${server}.key`, ssl: 'on' };
    for (const [name, value] of Object.entries(files)) {
      await postgres.run(`alter system set ${name} = '${value}'`);
    }
    await postgres.run('select pg_reload_conf()');
    await eventually(async () => postgres.run('show ssl_cert_file'), [{ ssl_cert_file: `${server}.pem` }]);
  };
  /** Whether a new connection uses TLS. */
  const isEncrypted = async (parameters: string): Promise<boolean | undefined> => {
    const pool = openPool(`${url}?${parameters}`, 1);
    try {
      const { rows } = await pool.query<{ ssl: boolean }>(
        'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
      );
      return rows[0]?.ssl;
    } finally {
      await pool.end();
    }
  };

  beforeAll(async () => {
    postgres = await startPostgres();
    const { application } = await postgres.createDatabase();
    url = application.replace('127.0.0.1', 'localhost');
    [right, elsewhere] = [certificatesOf('localhost'), certificatesOf('elsewhere.example.com')];
  });
  afterAll(() => postgres?.remove());

  it('with verify-full, refuses a server without it', async () => {
    const refused = isEncrypted(`sslmode=verify-full&sslrootcert=${right.ca}`);
    await expect(refused).rejects.toThrow('The server does not support SSL connections');
  });

  it('with verify-full, accepts only a certificate of the CA for the name in the URL', async () => {
    await serve(right);
    expect(await isEncrypted(`sslmode=verify-full&sslrootcert=${right.ca}`)).toBe(true);
    await expect(isEncrypted(`sslmode=verify-full&sslrootcert=${elsewhere.ca}`)).rejects.toThrow(
      /certificate/,
    );
    await expect(isEncrypted('sslmode=verify-full')).rejects.toThrow(/certificate/);
    await serve(elsewhere);
    await expect(isEncrypted(`sslmode=verify-full&sslrootcert=${elsewhere.ca}`)).rejects.toThrow(
      "Host: localhost. is not in the cert's altnames: DNS:elsewhere.example.com",
    );
    expect(await isEncrypted('sslmode=no-verify')).toBe(true);
  });
});
