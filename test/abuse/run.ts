import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { pinLoad } from '../../bench/pinning.js';
import { AttackedServer } from './attacked-server.js';
import { ATTACKS } from './attacks.js';
import { attackers, HonestCaller } from './callers.js';
import type { Experience } from './honest-caller.js';
import { printHead, printRow } from './table.js';

const MAX_SLOWDOWN = 25;
const MAX_GROWTH = 1.1;
const MAX_RUN_MS = 300_000;
/** Time in which memory must return to its earlier level, in milliseconds. */
const RECOVERY_MS = 10_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    callers: { type: 'string', default: '1,10' },
    organizations: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    'node-flag': { type: 'string', multiple: true, default: [] },
  },
});
const milliseconds = Number(values.seconds) * 1_000;
const deadline = performance.now() + MAX_RUN_MS;

async function memoryAfter(server: AttackedServer, before: number): Promise<number> {
  let after = (await server.measure()).memory;
  for (const end = performance.now() + RECOVERY_MS; after > before * MAX_GROWTH && performance.now() < end;) {
    await sleep(500);
    after = (await server.measure()).memory;
  }
  return after;
}

function faultsOf(quiet: Experience, attacked: Experience, growth: number): string[] {
  return [
    ...(attacked.failures.length > 0 ? [`failed: ${attacked.failures[0]?.slice(0, 100)}`] : []),
    ...(attacked.p99 > quiet.p99 * MAX_SLOWDOWN ? ['too slow'] : []),
    ...(growth <= MAX_GROWTH ? [] : ['memory is not given back']),
  ];
}

const pinning = pinLoad();
const server = await AttackedServer.start(pinning, values['node-flag']);
const { url } = server;
const honest = await HonestCaller.of('org_honest', url);
let isHeld = true;
try {
  const warming = await HonestCaller.of('org_warm', url);
  await Promise.all([warming.call(3_000), honest.call(3_000)]);
  warming.stop();
  await server.measure();
  const quiet = await honest.call(milliseconds);
  const { loopDelay } = await server.measure();
  printHead(quiet, loopDelay, pinning !== undefined, Number(values.organizations));
  for (const name of Object.keys(ATTACKS).filter((attack) => attack.includes(values.only))) {
    for (const count of values.callers.split(',').map(Number)) {
      if (performance.now() > deadline) throw new Error('The time is over.');
      const orders = { attack: name, url, milliseconds };
      const { attack } = await attackers(orders, count, Number(values.organizations));
      const { memory: before } = await server.measure();
      const [attacked] = await Promise.all([honest.call(milliseconds), attack()]);
      const { loopDelay: delay } = await server.measure();
      const after = await memoryAfter(server, before);
      const faults = faultsOf(quiet, attacked, after / before);
      isHeld &&= faults.length === 0;
      printRow({ name, count, quiet, attacked, loopDelay: delay, before, after, faults });
    }
  }
} catch (error) {
  isHeld = false;
  process.stderr.write(`${String(error)}\n`);
} finally {
  honest.stop();
  await server.stop();
}
process.exit(isHeld ? 0 : 1);
