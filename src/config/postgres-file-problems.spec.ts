import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createCertificates } from '../../test/support/certificates.js';
import { loadConfiguration } from './load-configuration.js';

const URL_WITH_FILES = 'postgresql://aerie:secret@db:5432/aerie?sslmode=verify-full';

describe('TLS files in a URL of PostgreSQL', () => {
  it.each(['sslrootcert', 'sslcert', 'sslkey'])('must be readable: %s', (parameter) => {
    const url = `${URL_WITH_FILES}&${parameter}=/nowhere/db.pem`;
    for (const variables of [
      { DATABASE_URL: url },
      { DATABASE_URL: URL_WITH_FILES, DATABASE_MIGRATION_URL: url },
      { AUDIT: 'postgres', AUDIT_DATABASE_URL: url },
    ]) {
      expect(() => loadConfiguration(variables)).toThrow(
        `${Object.keys(variables).at(-1)}: has a parameter ${parameter} that names a file that cannot be read (ENOENT).`,
      );
    }
  });

  it('are not read for an audit trail that goes elsewhere', () => {
    const AUDIT_DATABASE_URL = `${URL_WITH_FILES}&sslcert=/nowhere/db.pem`;
    for (const AUDIT of [undefined, 'file']) {
      expect(() => loadConfiguration({ AUDIT, AUDIT_DATABASE_URL })).not.toThrow();
    }
  });

  it.each([
    ['sslrootcert', 'certificate'],
    ['sslcert', 'certificate'],
    ['sslkey', 'private key'],
  ])('must be PEM: %s', (parameter, content) => {
    expect(() => loadConfiguration({ DATABASE_URL: `${URL_WITH_FILES}&${parameter}=${__filename}` })).toThrow(
      `DATABASE_URL: has a parameter ${parameter} that names a file without a valid ${content} in PEM.`,
    );
  });

  it('are accepted in PEM', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aerie-'));
    try {
      const { ca, client } = createCertificates(folder, ['db']);
      const files = `sslrootcert=${ca}&sslcert=${client}.pem&sslkey=${client}.key`;
      expect(loadConfiguration({ DATABASE_URL: `${URL_WITH_FILES}&${files}` }).database).toBeDefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('may be missing', () => {
    expect(loadConfiguration({ DATABASE_URL: URL_WITH_FILES }).database).toBeDefined();
  });
});
