// npm run bench:soak: runs the application for long at 70 % of its maximum, with mixed work, faults and a key rotation.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { exitAtSignals } from './at-exit.js';
import { Failures } from './failures.js';
import { flags, positive } from './flags.js';
import { startIssuer } from './issuer.js';
import { flood } from './load/flood.js';
import { pace } from './load/pace.js';
import { describeMachine } from './machine.js';
import { application, megabytes } from './memory/application.js';
import { pinLoad } from './pinning.js';
import { print } from './print.js';
import { updateDocument } from './report/document.js';
import { lineChart } from './report/line-chart.js';
import { findingTable } from './report/result-tables.js';
import { plainTable } from './report/table.js';
import { rounded, SOAK, type Soak, writeJson, writeSoakChart } from './results.js';
import { RunningServer } from './running-server.js';
import { send } from './session.js';
import { errorLines, kindsOf } from './soak/error-lines.js';
import { mixedWork, usualWork } from './soak/mixed-work.js';
import { type Sample, verdict } from './soak/verdict.js';
import { percentile } from './statistics.js';
import { temporaryFolder } from './temporary-folder.js';

const SHARE = 0.7;
const WARM_UP_SECONDS = 10;
/** Time beyond a window after which it has failed, in seconds. */
const PATIENCE = 60;

exitAtSignals();
const { minutes, seconds, connections, write } = flags(() => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      window: { type: 'string', default: '10' },
      connections: { type: 'string', default: '16' },
      'no-write': { type: 'boolean', default: false },
    },
  });
  return {
    minutes: positive('minutes', values.minutes),
    seconds: positive('window', values.window),
    connections: positive('connections', values.connections),
    write: !values['no-write'],
  };
});
const windows = Math.ceil((minutes * 60) / seconds);

const pinning = pinLoad();
const machine = describeMachine(pinning);
Object.entries(machine).forEach(([name, value]) => print(`${name.padEnd(9)} ${value}`));

const failures = new Failures();
const issuer = await startIssuer();
const keys = join(temporaryFolder('bench-keys-'), 'public.pem');
writeFileSync(keys, issuer.publicKey);
const usual = application(issuer, { JWT_PUBLIC_KEY_FILE: keys });
const { JWT_PUBLIC_KEY: _inFile, ...environment } = usual.environment;
const server = await RunningServer.start({ ...usual, environment }, pinning);

const rate = (await maximumRate(await issuer.sign())) * SHARE;
print(`\n${rate.toFixed(0)} requests/s, ${SHARE * 100} % of the maximum, for ${minutes} minutes`);

const samples: Sample[] = [];
const errors: string[] = [];
let work = mixedWork(await issuer.sign());
for (let window = 0; window < windows; window++) {
  const name = `window ${window + 1}`;
  if (window === Math.floor(windows / 2)) {
    work = (await failures.attempt('rotation of the key', PATIENCE, rotateKey)) ?? work;
  }
  const sample = await failures.attempt(name, seconds + PATIENCE, (ended) => soak(window, ended));
  const log = server.readLog();
  server.emptyLog();
  errors.push(...errorLines(log));
  if (!sample) continue;
  samples.push(sample);
  print(
    `${sample.minute} min  ${megabytes(sample.resident)} resident  ${megabytes(sample.heap)} heap  p99 ${sample.p99.toFixed(2)} ms  ${errors.length} error lines`,
  );
}

const result: Soak = {
  machine: { ...machine },
  minutes,
  rate: Math.round(rate),
  lines: verdict(samples, errors.length),
  errors: kindsOf(errors),
  failures: [...failures.all],
};
print(`\n${plainTable(findingTable(result.lines))}`);
result.errors.forEach(({ example, count }) => print(`${count} × ${example}`));
if (write && samples.length > 0) {
  await writeSoakChart(
    lineChart(
      samples.map(({ minute }) => minute),
      [
        { name: 'resident memory, MB', values: samples.map(({ resident }) => resident / 2 ** 20) },
        { name: 'used heap, MB', values: samples.map(({ heap }) => heap / 2 ** 20) },
        { name: 'p99, ms', values: samples.map(({ p99 }) => p99) },
      ],
    ),
  );
  await writeJson(SOAK, result);
  await updateDocument();
}
process.exit(failures.report());

/** Measures how many requests of the usual work the server answers per second. */
async function maximumRate(token: string): Promise<number> {
  const [first, ...others] = usualWork(token);
  await server.until(async () => void (await send(server.url, first)));
  const everyConnection = Array.from({ length: connections }, () => [first, ...others] as const);
  await flood(server.url, everyConnection, { seconds: WARM_UP_SECONDS });
  const { requestsPerSecond } = await flood(server.url, everyConnection, { seconds: WARM_UP_SECONDS });
  server.emptyLog();
  return requestsPerSecond;
}

/** Adds a new key before the first token has it, and removes the old one after its last token. */
async function rotateKey(): Promise<typeof work> {
  const next = await issuer.rotate();
  writeFileSync(keys, `${issuer.publicKey}\n${next}`);
  const renewed = mixedWork(await issuer.sign());
  await server.until(async () => void (await send(server.url, renewed[0])));
  writeFileSync(keys, next);
  print('the key is rotated');
  return renewed;
}

async function soak(window: number, signal: AbortSignal): Promise<Sample> {
  const latencies = await pace(server.url, work, { connections, rate, seconds, signal });
  const { resident, heap } = await server.ask('usage');
  return {
    minute: rounded(((window + 1) * seconds) / 60, 2),
    resident,
    heap,
    p99: percentile(latencies, 99),
  };
}
