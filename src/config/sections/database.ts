import { join } from 'node:path';

import { count, longSecret, postgresUrl } from '../formats.js';
import { section, variable } from '../variable.js';

/** Database for the data of organizations. */
export type DatabaseSettings =
  | {
      readonly kind: 'server';
      /** Connection string of the role that runs the queries of tools. */
      readonly url: string;
      /** Connection string of the role that owns the schema; undefined if migrations run elsewhere. */
      readonly migrationUrl: string | undefined;
      readonly poolSize: number;
      /** Secret for deriving the key that signs the organization of each transaction. */
      readonly tenantSecret: string;
    }
  | { readonly kind: 'embedded'; readonly folder: string };

/** Settings of the process that decide whether it can have an embedded database. */
interface Process {
  readonly production: boolean;
  readonly severalWorkers: boolean;
  readonly stateDirectory: string;
}

export const database = section(
  'Database',
  {
    DATABASE_URL: variable({
      schema: postgresUrl,
      otherwise: 'in development PGlite',
      description:
        '[PostgreSQL](database.md) for tools that store data, with the role that runs queries, such as `postgresql://user:password@localhost:5432/aerie`; without it, these tools are not available in production',
      remedy: 'Use a URL such as postgresql://user:password@host:5432/database, with percent-encoded parts.',
      secret: true,
      setByContainer: true,
    }),
    DATABASE_MIGRATION_URL: variable({
      schema: postgresUrl,
      description:
        'the same database, with the role that owns the schema; if set, each start migrates the schema, else run `dist/cli/main.js migrate` with both variables before instances start',
      remedy: 'Use a URL such as postgresql://owner:password@host:5432/database, with percent-encoded parts.',
      secret: true,
      setByContainer: true,
    }),
    DATABASE_TENANT_SECRET: variable({
      schema: longSecret,
      otherwise: 'the password in `DATABASE_URL`',
      description:
        "secret that signs [each transaction's organization](database.md#tenant-isolation), at least 32 characters",
      remedy: 'Use a random value of at least 32 characters, such as the output of: openssl rand -base64 32',
      secret: true,
      setByContainer: true,
    }),
    DATABASE_POOL_SIZE: variable({
      schema: count,
      default: '10',
      description: 'connections for calls per process; two more cancel statements and check the server',
      remedy: 'Use a number such as 10.',
    }),
  },
  (values, { production, severalWorkers, stateDirectory }: Process) => {
    const { DATABASE_URL: url } = values;
    const server = (text: string): DatabaseSettings => ({
      kind: 'server',
      url: text,
      migrationUrl: values.DATABASE_MIGRATION_URL,
      poolSize: values.DATABASE_POOL_SIZE,
      tenantSecret: values.DATABASE_TENANT_SECRET ?? decodeURIComponent(new URL(text).password),
    });
    // Only one process can use an embedded database.
    const embedded: DatabaseSettings | undefined =
      production || severalWorkers
        ? undefined
        : { kind: 'embedded', folder: join(stateDirectory, 'database') };
    return {
      /** Database for the data of organizations; undefined if there is none. Tools that need it are then not offered. */
      database: url === undefined ? embedded : server(url),
    } as const;
  },
);
