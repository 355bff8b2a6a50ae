import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { until } from '../support/until.js';
import type { Instance } from './instance.js';
import { signalTree } from './processes.js';
import { expect, type Scenario } from './scenario.js';
import type { World } from './world.js';

export const worksAgain = (instance: Instance, token: string): Promise<void> =>
  until(async () => !(await instance.call(token, 'add_todo', { title: 'again' })).isError, 30_000);

/**
 * Observes readiness for some seconds. Fails unless every answer has the status 200.
 *
 * @returns milliseconds within which 95 % of the answers came; the load of the machine may delay any of the others
 */
async function timeOfReadiness(instance: Instance, seconds: number): Promise<number> {
  const durations: number[] = [];
  for (const end = performance.now() + seconds * 1_000; performance.now() < end; await pause(50)) {
    const { status, milliseconds } = await instance.ready();
    expect(status === 200, `readiness is ${status}`);
    durations.push(milliseconds);
  }
  return durations.toSorted((one, other) => one - other)[Math.floor(durations.length * 0.95)] ?? 0;
}

export const DATABASE_FAULTS: readonly Scenario[] = [
  {
    fault: 'PostgreSQL hangs',
    expected: 'readiness 200 within 300 ms; other tools work; recovers',
    run: async ({ postgres, start, token }) => {
      const instance = await start();
      const bearer = await token();
      await worksAgain(instance, bearer);
      const { pid = 0 } = postgres;
      signalTree(pid, 'SIGSTOP');
      try {
        const most = await timeOfReadiness(instance, 6);
        expect(most <= 300, `readiness took ${most.toFixed(0)} ms`);
        const { isError } = await instance.call(bearer, 'greet_user', { name: 'Saif' });
        expect(!isError, 'a tool without a database fails');
        expect(instance.lines('The database cannot be used') === 1, 'the log does not say so once');
        return `readiness 200, 95 % within ${most.toFixed(0)} ms`;
      } finally {
        signalTree(pid, 'SIGCONT');
        await worksAgain(instance, bearer);
      }
    },
  },
  {
    fault: 'PostgreSQL is killed and started again',
    expected: 'callers are told; recovers without a restart',
    run: async ({ postgres, start, token }) => {
      const instance = await start();
      const bearer = await token();
      await postgres.stop();
      const { text } = await instance.call(bearer, 'list_todos');
      await postgres.start();
      expect(text.includes('The database cannot be reached now'), text);
      await worksAgain(instance, bearer);
      return 'told, and recovered';
    },
  },
  {
    fault: 'the limit on connections is reached',
    expected: 'named to callers; at most 4 lines in the log',
    run: async ({ postgres, database, start, token }) => {
      const instance = await start();
      const bearer = await token();
      const role = `${database.name}_application`;
      await postgres.run(`alter role ${role} connection limit 1`);
      const texts = new Set<string>();
      for (const end = performance.now() + 8_000; performance.now() < end;) {
        const calls = Array.from({ length: 10 }, () => instance.call(bearer, 'list_todos'));
        for (const { text } of await Promise.all(calls)) texts.add(text);
      }
      await postgres.run(`alter role ${role} connection limit -1`);
      await worksAgain(instance, bearer);
      expect(
        [...texts].every((text) => text.includes('Too many connections')),
        [...texts].join(),
      );
      const lines = instance.lines('The database can');
      expect(lines <= 4, `${lines} lines`);
      return `named; ${lines} lines`;
    },
  },
  {
    fault: 'the disk of the database is full',
    expected: 'named to callers and in the log; reading works; recovers',
    run: async ({ postgres, database, start, token }) => {
      const disk = smallDisk(postgres.folder);
      if (!disk) return undefined;
      try {
        const instance = await start();
        const bearer = await token();
        await postgres.run(`create tablespace small location '${disk.folder}'`);
        await postgres.run('alter table todos set tablespace small', database.name);
        disk.fill();
        let text = '';
        await until(async () => {
          ({ text } = await instance.call(bearer, 'add_todo', { title: 'x'.repeat(200) }));
          return text.includes('"isError":true');
        }, 60_000);
        expect(text.includes('The disk of the database is full'), text);
        await until(() => instance.lines('"reason":"database:disk_full"') > 0);
        expect(!(await instance.call(bearer, 'list_todos')).isError, 'reading fails');
        const { status, text: readiness } = await instance.ready();
        expect(status === 200 && readiness.includes('degraded'), `readiness is ${status} ${readiness}`);
        disk.empty();
        await worksAgain(instance, bearer);
        return 'named, degraded, recovered';
      } finally {
        await postgres.stop();
        disk.remove();
      }
    },
  },
  {
    fault: 'the schema is one migration ahead',
    expected: 'starts with a warning if the migration allows it, else not',
    run: async ({ postgres, database, start, begin }) => {
      await start();
      await postgres.run(`insert into kysely_migration values ('9999-later', now()::text)`, database.name);
      const refused = await begin();
      await until(() => refused.hasEnded);
      expect(refused.errors.includes('on which this version cannot run: 9999-later'), refused.errors);
      await postgres.run('update kysely_migration set older_versions_may_run = true', database.name);
      const warned = await start();
      expect(warned.lines('on which this version can run: 9999-later') === 1, 'it does not warn');
      return 'refused, and started with a warning';
    },
  },
  {
    fault: 'an instance is killed while it writes',
    expected: 'repeated with its key on another, each write is there once',
    run: async (world: World) => {
      const [victim, other] = [await world.start(), await world.start()];
      const bearer = await world.token();
      const titles = Array.from({ length: 300 }, (_, index) => `write ${index}`);
      const lost: string[] = [];
      const waiting = [...titles];
      const send = async (): Promise<void> => {
        for (let title = waiting.pop(); title !== undefined; title = waiting.pop()) {
          const key = title;
          await victim.call(bearer, 'add_todo', { title }, key).catch(() => lost.push(key));
          if (waiting.length === 150) victim.process.kill('SIGKILL');
        }
      };
      await Promise.all(Array.from({ length: 20 }, send));
      const stored = new Set(await world.titles());
      const committed = lost.filter((title) => stored.has(title)).length;
      for (const title of lost) {
        const { isError, text } = await other.call(bearer, 'add_todo', { title }, title);
        expect(!isError, text);
      }
      const all = await world.titles();
      expect(
        all.toSorted().join() === titles.toSorted().join(),
        `${all.length} of ${titles.length} are stored`,
      );
      return `${lost.length} lost, ${committed} of them committed; each is there once`;
    },
  },
];

/**
 * Provides a disk of 8 MB for PostgreSQL: the folder that CHAOS_DISK names, or else one that it mounts. Returns undefined
 * without the right to mount.
 */
function smallDisk(
  parent: string,
): { folder: string; fill: () => void; empty: () => void; remove: () => void } | undefined {
  const { CHAOS_DISK: given } = process.env;
  const mounted = given ?? join(parent, 'small');
  if (given === undefined) {
    mkdirSync(mounted);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', mounted], { stdio: 'ignore' });
    } catch {
      return undefined;
    }
  }
  const folder = join(mounted, 'data');
  mkdirSync(folder);
  const { uid, gid } = statSync(parent);
  chownSync(folder, uid, gid);
  const filler = join(mounted, 'filler');
  return {
    folder,
    fill: () => {
      try {
        execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k'], { stdio: 'ignore' });
      } catch {
        expect(existsSync(filler), 'the disk cannot be filled');
      }
    },
    empty: () => rmSync(filler),
    remove: () => {
      rmSync(folder, { recursive: true });
      rmSync(filler, { force: true });
      if (given === undefined) execFileSync('umount', [mounted]);
    },
  };
}
