import { setTimeout as pause } from 'node:timers/promises';

import { signToken } from '../abuse/tokens.js';
import { type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { worksAgain } from './database-faults.js';
import type { Instance } from './instance.js';
import { expect, type Scenario } from './scenario.js';
import type { World } from './world.js';

const ORGANIZATIONS = ['org_one', 'org_two'];

/** Runs a scenario with two instances that start together behind PgBouncer, and migrate through it. */
const behindPgBouncer =
  (run: (world: World, pgBouncer: PgBouncer, instances: readonly [Instance, Instance]) => Promise<string>) =>
  async (world: World): Promise<string | undefined> => {
    const { owner, application } = world.database;
    const pgBouncer = await startPgBouncer(world.postgres, [owner, application]);
    if (!pgBouncer) return undefined;
    try {
      const settings = {
        DATABASE_URL: pgBouncer.through(application),
        DATABASE_MIGRATION_URL: pgBouncer.through(owner),
      };
      const instances = await Promise.all([world.start(settings), world.start(settings)]);
      return await run(world, pgBouncer, instances);
    } finally {
      await pgBouncer.stop();
    }
  };

interface Seen {
  isDone: boolean;
  calls: number;
  /** Calls that saw another organization, or did not see their own. */
  leaks: number;
  /** Texts of the calls that failed. */
  readonly failures: string[];
}

/** Starts calls of both organizations through both instances. Returns how to stop them. */
function startLoad(
  instances: readonly Instance[],
  bearers: ReadonlyMap<string, string>,
): () => Promise<Seen> {
  const seen: Seen = { isDone: false, calls: 0, leaks: 0, failures: [] };
  const send = async (index: number): Promise<void> => {
    for (let count = index; !seen.isDone; count++) {
      const organization = ORGANIZATIONS[count % 2] ?? '';
      const instance = instances[Math.floor(count / 2) % instances.length];
      const answer = await instance?.call(bearers.get(organization) ?? '', 'list_todos');
      seen.calls++;
      if (!answer || answer.isError) seen.failures.push(answer?.text ?? 'no answer');
      else if (ORGANIZATIONS.some((one) => answer.text.includes(one) !== (one === organization)))
        seen.leaks++;
    }
  };
  const load = Promise.all(Array.from({ length: 8 }, (_, index) => send(index)));
  load.catch(() => undefined); // a scenario that fails does not stop them
  return async (): Promise<Seen> => {
    seen.isDone = true;
    await load;
    return seen;
  };
}

export const POOLER_FAULTS: readonly Scenario[] = [
  {
    fault: 'PgBouncer pauses, reconnects and loses its connections',
    expected: 'each call sees its organization only; calls wait for a pause; recovers',
    run: behindPgBouncer(async ({ postgres, database }, pgBouncer, instances) => {
      const bearers = new Map<string, string>();
      for (const organization of ORGANIZATIONS) {
        const bearer = await signToken('usr_chaos', organization, 'todo:read todo:write');
        bearers.set(organization, bearer);
        const { text, isError } = await instances[0].call(bearer, 'add_todo', { title: organization });
        expect(!isError, text);
      }
      const stop = startLoad(instances, bearers);
      for (const command of ['pause', 'resume', 'reload', 'reconnect']) {
        await pause(500);
        await pgBouncer.command(command);
      }
      await pause(500);
      const calm = await stop();
      expect(calm.failures.length === 0, `${calm.failures.length} calls failed: ${calm.failures[0]}`);
      const stopLate = startLoad(instances, bearers);
      for (let round = 0; round < 10; round++) {
        await pause(200);
        await postgres.run(
          `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${database.name}_application'`,
        );
      }
      const rough = await stopLate();
      const others = rough.failures.filter((text) => !text.includes('The database cannot be reached now'));
      expect(others.length === 0, `${others[0]}`);
      expect(calm.leaks + rough.leaks === 0, `${calm.leaks + rough.leaks} calls saw the other organization`);
      for (const instance of instances) await worksAgain(instance, bearers.get('org_one') ?? '');
      const count = calm.calls + rough.calls;
      return `${count} calls, ${rough.failures.length} of them told while connections were killed`;
    }),
  },
  {
    fault: 'PgBouncer is killed and started again',
    expected: 'callers are told; recovers without a restart',
    run: behindPgBouncer(async ({ token }, pgBouncer, [instance]) => {
      const bearer = await token();
      await worksAgain(instance, bearer);
      await pgBouncer.stop();
      const { text } = await instance.call(bearer, 'list_todos');
      await pgBouncer.start();
      expect(text.includes('The database cannot be reached now'), text);
      await worksAgain(instance, bearer);
      return 'told, and recovered';
    }),
  },
];
