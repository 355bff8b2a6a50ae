// npm run bench:memory: measures the startup time, and the memory at startup, after many calls and with idle streams.
import { parseArgs } from 'node:util';

import { exitAtSignals } from './at-exit.js';
import { Failures } from './failures.js';
import { flags, positive } from './flags.js';
import { startIssuer } from './issuer.js';
import { describeMachine } from './machine.js';
import { memoryAfterCalls } from './memory/after-calls.js';
import type { MemoryRun } from './memory/application.js';
import { idleStreams } from './memory/idle-streams.js';
import { startUp } from './memory/start-up.js';
import { pinLoad } from './pinning.js';
import { print } from './print.js';
import { findingTable } from './report/result-tables.js';
import { plainTable } from './report/table.js';
import { updateDocument } from './report/document.js';
import { type Finding, MEMORY, writeJson } from './results.js';

const PARTS = { start: startUp, calls: memoryAfterCalls, streams: idleStreams };
const LIMIT = 1_200;

exitAtSignals();
const { only, write, ...sizes } = flags(() => {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '15' },
      seconds: { type: 'string', default: '3' },
      calls: { type: 'string', default: '1000000' },
      streams: { type: 'string', default: '10000' },
      connections: { type: 'string', default: '16' },
      only: { type: 'string', multiple: true, default: [] },
      'no-write': { type: 'boolean', default: false },
    },
  });
  const unknown = values.only.find((name) => !(name in PARTS));
  if (unknown !== undefined)
    throw new Error(`--only ${unknown} is unknown. Use one of: ${Object.keys(PARTS).join(', ')}.`);
  return {
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    calls: positive('calls', values.calls),
    streams: positive('streams', values.streams),
    connections: positive('connections', values.connections),
    only: values.only,
    write: !values['no-write'] && values.only.length === 0,
  };
});
const pinning = pinLoad();
const machine = describeMachine(pinning);
Object.entries(machine).forEach(([name, value]) => print(`${name.padEnd(9)} ${value}`));

const failures = new Failures();
const issuer = await startIssuer();
const run: MemoryRun = {
  issuer,
  pinning,
  token: await issuer.sign(),
  ...sizes,
  isMetered: true,
};
const findings: Finding[] = [];
for (const [name, measure] of Object.entries(PARTS)) {
  if (only.length > 0 && !only.includes(name)) continue;
  findings.push(...((await failures.attempt(name, LIMIT, () => measure(run))) ?? []));
}
print(`\n${plainTable(findingTable(findings))}`);
if (write && findings.length > 0) {
  await writeJson(MEMORY, { machine: { ...machine }, lines: findings, failures: [...failures.all] });
  await updateDocument();
}
process.exit(failures.report());
