// npm run bench:profile: writes a CPU profile of a call as .cpuprofile for Chrome DevTools, VS Code or speedscope.
import { mkdir, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { type Case, deployedCases, ownCases } from './cases.js';
import { startDatabase } from './database.js';
import { exitAtSignals } from './at-exit.js';
import { flags, positive } from './flags.js';
import { furtherCases, todoCases } from './further-cases.js';
import { startIssuer } from './issuer.js';
import { LineUp } from './line-up.js';
import { loadOf } from './rounds.js';
import { bench } from './paths.js';
import { pinLoad } from './pinning.js';
import { print } from './print.js';
import { startRedis } from './redis.js';
import { plainTable } from './report/table.js';
import { costs, profileSchema } from './report/costs.js';

exitAtSignals();
const options = flags(() => {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', default: 'aerie 2026-07-28 tools/call' },
      seconds: { type: 'string', default: '10' },
      connections: { type: 'string', default: '16' },
    },
  });
  return {
    case: values.case,
    seconds: positive('seconds', values.seconds),
    connections: positive('connections', values.connections),
  };
});
const nameOf = ({ server, era, operation }: Case): string => `${server} ${era} ${operation}`;

const pinning = pinLoad();
const issuer = await startIssuer();
const lineUp = new LineUp(await issuer.sign(), pinning, options.connections);

const database = await startDatabase();
const redis = await startRedis();
const cases = [
  ...ownCases(issuer),
  ...deployedCases(issuer, redis),
  ...furtherCases(issuer),
  ...todoCases(issuer, database),
];
const chosen = flags(() => {
  const found = cases.find((entry) => nameOf(entry) === options.case);
  if (!found)
    throw new Error(`--case ${options.case} is unknown. Use one of:\n${cases.map(nameOf).join('\n')}`);
  return found;
});
const ready = await lineUp.prepare(chosen);
const { running } = ready;

await mkdir(`${bench}/profiles`, { recursive: true });
const load = await loadOf(ready);
await load.during(Math.min(options.seconds, 5));
const before = await running.ask('start profile');
const earlier = load.operations;
await load.during(options.seconds);
const after = await running.ask('usage');
const operations = load.operations - earlier;

const path = `${bench}/profiles/${options.case.replaceAll(/[^\w.-]+/g, '-')}.cpuprofile`;
await running.ask({ saveProfile: path });
await load.stop();

const profile = profileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
print(
  `${options.case}: ${((after.cpu - before.cpu) / operations).toFixed(0)} µs of CPU per operation under the profiler`,
);
for (const [title, rows] of Object.entries(costs(profile, operations))) {
  print(`\n${title}, µs per operation`);
  print(plainTable({ head: ['where', 'µs'], rows }));
}
print(`\n${path}`);
process.exit(0);
