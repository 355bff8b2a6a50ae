import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { signToken } from '../abuse/tokens.js';
import { type PostgresServer, startPostgres } from '../support/postgres.js';
import { type RedisServer, startRedis } from '../support/redis.js';
import { environmentOf, Instance, type InstanceOptions } from './instance.js';

const COMMAND = join(import.meta.dirname, '../../dist/cli/main.js');

/** Servers of one scenario: PostgreSQL with a fresh database, Redis, and instances. */
export class World {
  readonly #instances: Instance[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'aerie-chaos-'));

  private constructor(
    readonly postgres: PostgresServer,
    readonly redis: RedisServer,
    readonly database: Awaited<ReturnType<PostgresServer['createDatabase']>>,
  ) {}

  static async create(): Promise<World> {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    return new World(postgres, redis, await postgres.createDatabase());
  }

  get settings(): NodeJS.ProcessEnv {
    return {
      DATABASE_URL: this.database.application,
      DATABASE_MIGRATION_URL: this.database.owner,
      REDIS_URL: this.redis.url,
    };
  }

  /** Starts an instance that uses the servers, and waits until it serves. */
  readonly start = async (settings: NodeJS.ProcessEnv = {}, options?: InstanceOptions): Promise<Instance> => {
    const instance = await this.begin(settings, options);
    await instance.serves();
    return instance;
  };

  /** Starts an instance that may refuse to start. */
  readonly begin = async (settings: NodeJS.ProcessEnv = {}, options?: InstanceOptions): Promise<Instance> => {
    const instance = await Instance.begin(this.#directory, { ...this.settings, ...settings }, options);
    this.#instances.push(instance);
    return instance;
  };

  /** Signs a token of the same caller. */
  readonly token = (): Promise<string> =>
    signToken('usr_chaos', 'org_chaos', 'usr:read todo:read todo:write');

  /** Revokes the tokens of the caller, as an operator does. */
  readonly revoke = async (settings: NodeJS.ProcessEnv = {}): Promise<void> => {
    await promisify(execFile)(process.execPath, [COMMAND, 'revoke', '--subject', 'usr_chaos'], {
      cwd: this.#directory,
      env: { ...environmentOf(this.#directory), ...this.settings, ...settings },
    });
  };

  /** Titles of the stored todos. */
  async titles(): Promise<string[]> {
    const rows = await this.postgres.run<{ title: string }>('select title from todos', this.database.name);
    return rows.map(({ title }) => title);
  }

  async end(): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.stop()));
    await Promise.all([this.postgres.remove(), this.redis.stop()]);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
