import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { until } from '../support/until.js';
import { clockLibrary } from './clock-library.js';
import type { Instance } from './instance.js';
import { signalTree } from './processes.js';
import { expect, type Scenario, TEST_SERVERS } from './scenario.js';

const greets = async (instance: Instance, token: string): Promise<boolean> =>
  !(await instance.call(token, 'greet_user', { name: 'Saif' })).isError;

export const PROCESS_FAULTS: readonly Scenario[] = [
  {
    fault: 'Redis hangs',
    expected: 'calls go on, each within a second; recovers',
    run: async ({ redis, start, token }) => {
      const instance = await start();
      const bearer = await token();
      const { pid = 0 } = redis;
      signalTree(pid, 'SIGSTOP');
      let slowest = 0;
      try {
        for (let index = 0; index < 50; index++) {
          const begun = performance.now();
          expect(await greets(instance, bearer), 'a call failed');
          slowest = Math.max(slowest, performance.now() - begun);
        }
      } finally {
        signalTree(pid, 'SIGCONT');
      }
      expect(slowest < 1_000, `a call took ${slowest.toFixed(0)} ms`);
      await until(async () => (await instance.ready()).text.includes('"ok"'));
      return `the slowest of 50 calls took ${slowest.toFixed(0)} ms`;
    },
  },
  {
    fault: 'Redis is killed and started again',
    expected: 'calls go on; recovers',
    run: async ({ redis, start, token }) => {
      const instance = await start();
      const bearer = await token();
      await redis.stop();
      expect(await greets(instance, bearer), 'a call failed');
      await redis.start();
      await until(async () => (await instance.ready()).text.includes('"ok"'));
      return 'calls went on';
    },
  },
  {
    fault: 'an instance is suspended and resumed',
    expected: 'serves again at once, and other instances meanwhile',
    run: async ({ start, token }) => {
      const [suspended, other] = [await start(), await start()];
      const bearer = await token();
      suspended.process.kill('SIGSTOP');
      await pause(3_000);
      expect(await greets(other, bearer), 'the other instance fails');
      suspended.process.kill('SIGCONT');
      expect(await greets(suspended, bearer), 'the resumed instance fails');
      return 'both serve';
    },
  },
  {
    fault: 'no file can be opened any more (ulimit -n 120)',
    expected: 'one line in the log; serves again',
    run: async ({ start, token }) => {
      const instance = await start({}, { shell: 'ulimit -n 120' });
      const bearer = await token();
      const sockets = Array.from({ length: 150 }, () =>
        connect(instance.port, '127.0.0.1').on('error', () => undefined),
      );
      await until(() => instance.lines('of 120 files are open. At the limit') > 0);
      sockets.forEach((socket) => socket.destroy());
      await until(() => greets(instance, bearer).catch(() => false));
      const lines = instance.lines('At the limit');
      expect(lines === 1, `${lines} lines`);
      return 'one line, and serves again';
    },
  },
  {
    fault: 'the disk of the log is full',
    expected: 'serves on; one line on standard error',
    run: async ({ start, token }) => {
      const instance = await start({}, { stdout: '/dev/full' });
      const bearer = await token();
      for (let index = 0; index < 20; index++) expect(await greets(instance, bearer), 'a call failed');
      await until(() => instance.errors !== '');
      const lines = instance.errors.trim().split('\n').length;
      expect(lines === 1 && instance.errors.includes('ENOSPC'), instance.errors);
      return 'serves on; one line';
    },
  },
  {
    fault: 'audit files cannot grow (RLIMIT_FSIZE)',
    expected: 'calls get 503 instead of going unrecorded; the process lives',
    run: async ({ start, token }) => {
      const instance = await start({ AUDIT: 'file:refuse' }, { shell: 'ulimit -f 16' });
      const bearer = await token();
      let refused = false;
      await until(async () => {
        const calls = Array.from({ length: 50 }, () => instance.call(bearer, 'greet_user', { name: 'x' }));
        refused = (await Promise.all(calls)).some(({ status }) => status === 503);
        expect(!instance.hasEnded, 'the process has ended');
        return refused;
      }, 60_000);
      expect((await instance.ready()).status !== 0, 'the process does not answer');
      return '503, and the process lives';
    },
  },
  {
    fault: 'the clock of an instance is 30 s behind',
    expected: 'new tokens are accepted, and can be revoked',
    run: async ({ start, token, revoke }) => {
      const library = clockLibrary(TEST_SERVERS);
      if (library === undefined) return undefined;
      const clock = { LD_PRELOAD: library, FAKETIME: '-30s', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
      const instance = await start(clock);
      const bearer = await token();
      expect(await greets(instance, bearer), 'a new token is refused');
      await revoke(clock);
      await until(
        async () => (await instance.call(bearer, 'greet_user', { name: 'x' })).status === 401,
        5_000,
      );
      return 'accepted, then revoked';
    },
  },
  {
    fault: 'Redis is full',
    expected: 'calls go on; a revocation takes effect',
    run: async ({ redis, start, token, revoke }) => {
      const instance = await start();
      const client = new Redis(redis.url);
      await client.config('SET', 'maxmemory', '1');
      client.disconnect();
      const bearer = await token();
      expect(await greets(instance, bearer), 'a call failed');
      await revoke();
      await until(
        async () => (await instance.call(bearer, 'greet_user', { name: 'x' })).status === 401,
        5_000,
      );
      return 'calls went on, and the token is revoked';
    },
  },
  {
    fault: 'Redis is flushed after a revocation',
    expected: 'the token stays revoked, also on a new instance',
    run: async ({ redis, start, token, revoke }) => {
      const instance = await start();
      const bearer = await token();
      const statusOn = async (on: Instance): Promise<number> =>
        (await on.call(bearer, 'greet_user', { name: 'x' })).status;
      expect((await statusOn(instance)) === 200, 'the token is refused at first');
      await revoke();
      await until(async () => (await statusOn(instance)) === 401, 5_000);
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
      const other = await start();
      for (const end = performance.now() + 5_000; performance.now() < end; await pause(50)) {
        for (const on of [instance, other]) expect((await statusOn(on)) === 401, 'a revoked token passes');
      }
      return 'stays revoked for 5 s on both';
    },
  },
];
