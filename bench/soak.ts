// npm run bench:soak: runs the application for long at 70 % of its maximum, with mixed work, faults and a key rotation.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { startIssuer } from './issuer.js';
import { alike, flood } from './load/flood.js';
import { pace } from './load/pace.js';
import { describeMachine } from './machine.js';
import { application, GREETING, megabytes } from './memory/finding.js';
import { positive } from './options.js';
import { pinLoad } from './pinning.js';
import { print } from './print.js';
import { lineChart } from './report/line-chart.js';
import { rounded, SOAK, writeJson, writeSoakChart } from './results.js';
import { RunningServer } from './running-server.js';
import { send } from './session.js';
import { mixedWork } from './soak/mixed-work.js';
import { errorLines } from './soak/error-lines.js';
import { percentile } from './statistics.js';
import { type Sample, verdict } from './soak/verdict.js';
import { exchangeOf } from './exchange.js';
import { updateDocument } from './report/document.js';

const SHARE = 0.7;
const WARM_UP_SECONDS = 10;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    window: { type: 'string', default: '10' },
    connections: { type: 'string', default: '16' },
    'no-write': { type: 'boolean', default: false },
  },
});
const minutes = positive('minutes', values.minutes);
const seconds = positive('window', values.window);
const connections = positive('connections', values.connections);
const windows = Math.ceil((minutes * 60) / seconds);

const pinning = pinLoad();
const machine = describeMachine(pinning);
Object.entries(machine).forEach(([name, value]) => print(`${name.padEnd(9)} ${value}`));

const issuer = await startIssuer();
const keys = join(mkdtempSync(join(tmpdir(), 'bench-keys-')), 'public.pem');
writeFileSync(keys, issuer.publicKey);
const usual = application(issuer, { JWT_PUBLIC_KEY_FILE: keys });
const { JWT_PUBLIC_KEY: _inFile, ...environment } = usual.environment;
const server = await RunningServer.start({ ...usual, environment }, pinning);
process.once('exit', () => server.stop());
process.once('SIGINT', () => process.exit(130));

const call = exchangeOf(GREETING, '2026-07-28', await issuer.sign());
await server.until(async () => void (await send(server.url, call)));
await flood(server.url, alike(call, connections), { seconds: WARM_UP_SECONDS });
const maximum = await flood(server.url, alike(call, connections), { seconds: WARM_UP_SECONDS });
const rate = maximum.requestsPerSecond * SHARE;
server.emptyLog();
print(`\n${rate.toFixed(0)} requests/s, ${SHARE * 100} % of the maximum, for ${minutes} minutes`);

const samples: Sample[] = [];
const errors: string[] = [];
let work = mixedWork(await issuer.sign());
for (let window = 0; window < windows; window++) {
  // The new key is added before the first token has it, and the old one removed after its last token.
  if (window === Math.floor(windows / 2)) {
    const next = await issuer.rotate();
    writeFileSync(keys, `${issuer.publicKey}\n${next}`);
    const renewed = mixedWork(await issuer.sign());
    await server.until(async () => void (await send(server.url, renewed[0])));
    work = renewed;
    writeFileSync(keys, next);
    print('the key is rotated');
  }
  const latencies = await pace(server.url, work, { connections, rate, seconds });
  const { resident, heap } = await server.ask('usage');
  samples.push({
    minute: rounded(((window + 1) * seconds) / 60, 2),
    resident,
    heap,
    p99: percentile(latencies, 99),
  });
  errors.push(...errorLines(server.readLog()));
  server.emptyLog();
  print(
    `${samples.at(-1)?.minute} min  ${megabytes(resident)} resident  ${megabytes(heap)} heap  p99 ${samples.at(-1)?.p99.toFixed(2)} ms  ${errors.length} error lines`,
  );
}

const result = { machine: { ...machine }, minutes, rate: Math.round(rate), ...verdict(samples, errors) };
print(
  `\n${result.lines.map(({ measured, value, target }) => `${measured}: ${value} (target: ${target})`).join('\n')}`,
);
errors.slice(0, 20).forEach((line) => print(line));
if (!values['no-write']) {
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
process.exit(0);
