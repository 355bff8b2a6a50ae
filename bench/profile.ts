// npm run bench:profile: writes a CPU profile of a call as .cpuprofile for Chrome DevTools, VS Code or speedscope.
import { mkdir, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { type Case, deployedCases, ownCases } from './cases.js';
import { startDatabase } from './database.js';
import { flags, positive } from './flags.js';
import { furtherCases, TODOS, todoCases } from './further-cases.js';
import { startIssuer } from './issuer.js';
import { LineUp } from './line-up.js';
import { awakeDuring } from './load/awake.js';
import { flood } from './load/flood.js';
import { bench } from './paths.js';
import { pinLoad } from './pinning.js';
import { print } from './print.js';
import { startRedis } from './redis.js';
import { plainTable } from './report/table.js';
import { costs, profileSchema } from './report/costs.js';

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
process.once('exit', () => lineUp.stop());
process.once('SIGINT', () => process.exit(130));

const database = await startDatabase();
process.once('exit', () => database.stop());
const redis = await startRedis();
process.once('exit', () => redis.stop());
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
// Aerie creates the table of the todos, and the floor fills it.
if (chosen.operation === TODOS) {
  for (const entry of cases.filter(({ operation }) => operation === TODOS)) await lineUp.prepare(entry);
  lineUp.keepOnly([chosen]);
}
const { running, connections } = await lineUp.prepare(chosen);

await flood(running.url, connections, { seconds: Math.min(options.seconds, 5) });
const before = await running.ask('start profile');
const { requests } = await awakeDuring(flood(running.url, connections, { seconds: options.seconds }));
await mkdir(`${bench}/profiles`, { recursive: true });
const path = `${bench}/profiles/${options.case.replaceAll(/[^\w.-]+/g, '-')}.cpuprofile`;
const after = await running.ask({ saveProfile: path });

const profile = profileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
print(
  `${options.case}: ${((after.cpu - before.cpu) / requests).toFixed(0)} µs of CPU per request under the profiler`,
);
for (const [title, rows] of Object.entries(costs(profile, requests))) {
  print(`\n${title}, µs per request`);
  print(plainTable({ head: ['where', 'µs'], rows }));
}
print(`\n${path}`);
process.exit(0);
