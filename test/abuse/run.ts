import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { AttackedServer, LOADER } from './attacked-server.js';
import type { Orders } from './attacker.js';
import { ATTACKS } from './attacks.js';
import { callHonestly, type Experience } from './honest-caller.js';

const MAX_SLOWDOWN = 25;
const MAX_GROWTH = 1.1;
/** Time that memory has to return to what it was, milliseconds: longer than a slow sender is waited for. */
const RECOVERY_MS = 35_000;
const MB = 1024 ** 2;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    callers: { type: 'string', default: '1,10' },
    only: { type: 'string', default: '' },
  },
});
const milliseconds = Number(values.seconds) * 1_000;
const deadline = performance.now() + 300_000;

/** The tokens of an attacking caller; the first is the one that most attacks use. */
async function tokensOf(server: AttackedServer, number: number): Promise<string[]> {
  const claims = { sub: `attacker_${number}`, oid: `org_attacker_${number}` };
  const scopes = Array.from({ length: 400 }, (_none, index) => `scope:${index}`).join(' ');
  const sign = (scope: string, jti: string): Promise<string> =>
    server.issuer.signAccessToken({
      user: 'alice',
      scope,
      claims: { ...claims, jti },
      expiresInSeconds: 3_600,
    });
  const others = Array.from({ length: 100 }, (_none, index) => sign(scopes, `${number}-${index}`));
  return [await sign('usr:read', `${number}`), ...(await Promise.all(others))];
}

async function attack(server: AttackedServer, name: string, callers: readonly string[][]): Promise<void> {
  const child = fork(join(import.meta.dirname, 'attacker.ts'), { execArgv: LOADER });
  const orders: Orders = { attack: name, url: server.url, callers, milliseconds };
  child.send(orders);
  await once(child, 'exit');
}

async function memoryAfter(server: AttackedServer, before: number): Promise<number> {
  let after = await server.memory();
  for (const end = performance.now() + RECOVERY_MS; after > before * MAX_GROWTH && performance.now() < end;) {
    await sleep(500);
    after = await server.memory();
  }
  return after;
}

function faultsOf(quiet: Experience, attacked: Experience, before: number, after: number): string[] {
  return [
    ...(attacked.failures.length > 0 ? [`failed: ${attacked.failures[0]?.slice(0, 100)}`] : []),
    ...(attacked.p99 > quiet.p99 * MAX_SLOWDOWN ? ['too slow'] : []),
    ...(after <= before * MAX_GROWTH ? [] : ['memory is not given back']),
  ];
}

const row = (...cells: readonly (string | number)[]): void => {
  const widths = [34, 8, 7, 7, 16, 16, 14];
  const text = cells.map((cell, index) => String(cell).padEnd(widths[index] ?? 0)).join('');
  process.stdout.write(`${text.trimEnd()}\n`);
};

row('attack', 'callers', 'calls', 'failed', 'p50 ms', 'p99 ms', 'memory MB', 'verdict');
let isHeld = true;
const names = Object.keys(ATTACKS).filter((name) => name.includes(values.only));
const server = await AttackedServer.start();
try {
  const honest = await server.issuer.signAccessToken({
    user: 'bob',
    scope: 'usr:read',
    expiresInSeconds: 3_600,
  });
  const attackers = await Promise.all(Array.from({ length: 10 }, (_none, index) => tokensOf(server, index)));
  const callFor = (time: number): Promise<Experience> => {
    const end = performance.now() + time;
    return callHonestly(server.url, honest, () => performance.now() > end);
  };
  await callFor(2_000); // compiles what is called
  const quiet = await callFor(milliseconds);
  row('none', 0, quiet.calls, quiet.failures.length, quiet.p50.toFixed(1), quiet.p99.toFixed(1));
  for (const name of names) {
    for (const count of values.callers.split(',').map(Number)) {
      if (performance.now() > deadline) throw new Error('The time is over.');
      const before = await server.memory();
      let isOver = false;
      const attacking = attack(server, name, attackers.slice(0, count)).then(() => (isOver = true));
      const attacked = await callHonestly(server.url, honest, () => isOver);
      await attacking;
      const after = await memoryAfter(server, before);
      const faults = faultsOf(quiet, attacked, before, after);
      isHeld &&= faults.length === 0;
      row(
        name,
        count,
        attacked.calls,
        attacked.failures.length,
        `${attacked.p50.toFixed(1)} (${(attacked.p50 / quiet.p50).toFixed(1)}x)`,
        `${attacked.p99.toFixed(1)} (${(attacked.p99 / quiet.p99).toFixed(1)}x)`,
        `${(before / MB).toFixed(0)} → ${(after / MB).toFixed(0)}`,
        faults.join(', ') || 'holds',
      );
      if (Number.isNaN(after)) throw new Error('The server has ended.');
    }
  }
} catch (error) {
  isHeld = false;
  process.stderr.write(`${String(error)}\n`);
} finally {
  await server.stop();
}
process.exit(isHeld ? 0 : 1);
