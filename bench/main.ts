// npm run bench: measures Aerie, the floors and, with --peers, other servers.
import { AERIE, CALL, type Case, deployedCases, FLOOR, otherVersion, ownCases } from './cases.js';
import { startIssuer } from './issuer.js';
import { startDatabase } from './database.js';
import { furtherCases, todoCases, twoWorkers } from './further-cases.js';
import { latenciesAtHalf } from './latency.js';
import { LineUp, type ReadyCase } from './line-up.js';
import { describeMachine } from './machine.js';
import { readOptions } from './options.js';
import { peerCases } from './peers/peers.js';
import { pinLoad } from './pinning.js';
import { print } from './print.js';
import { startRedis } from './redis.js';
import { chart } from './report/chart.js';
import { updateDocument } from './report/document.js';
import { LATENCY_HEAD, latencyRows, plainTable, throughputTable } from './report/table.js';
import { TARGET_HEAD, targetRows } from './report/targets.js';
import { figuresOf, LATEST, rounded, RUN, type Run, writeChart, writeJson } from './results.js';
import { measureInRounds } from './rounds.js';
import { costOfUnseenTokens } from './unseen-tokens.js';

const options = readOptions(process.argv.slice(2));
const pinning = pinLoad();
const machine = describeMachine(pinning);
Object.entries(machine).forEach(([name, value]) => print(`${name.padEnd(9)} ${value}`));

const issuer = await startIssuer();
const lineUp = new LineUp(await issuer.sign(), pinning, options.connections);
process.once('exit', () => lineUp.stop());
process.once('SIGINT', () => process.exit(130));

const redis = await startRedis().catch((error: unknown) => {
  print(`Cases with Redis are skipped: ${String(error)} Install redis-server, or add it to the PATH.`);
});
process.once('exit', () => redis?.stop());
const database = await startDatabase().catch((error: unknown) => {
  print(`Cases with PostgreSQL are skipped: ${String(error)} Add its programs to the PATH.`);
});
process.once('exit', () => database?.stop());

const isWanted = ({ server, era, operation }: Case): boolean =>
  options.only.length === 0 || options.only.some((part) => `${server} ${era} ${operation}`.includes(part));
const cases = [
  ...ownCases(issuer),
  ...furtherCases(issuer),
  ...(redis ? [...deployedCases(issuer, redis), ...twoWorkers(issuer, redis)] : []),
  ...(database ? todoCases(issuer, database) : []),
  ...(options.against === undefined ? [] : otherVersion(issuer, options.against)),
  ...(options.peers ? peerCases(issuer) : []),
].filter(isWanted);

const ready: ReadyCase[] = [];
for (const entry of cases) ready.push(await lineUp.prepare(entry));
const measured = await measureInRounds(ready, options);

const usual = ready.find(({ server, operation }) => server === AERIE && operation === CALL);
const unseenToken = usual ? await costOfUnseenTokens(usual, issuer, options) : undefined;
const paced = measured.filter(
  ({ server, operation }) => operation === CALL && [AERIE, FLOOR.server].includes(server),
);
lineUp.keepOnly(paced);
const latencies = await latenciesAtHalf(paced, options);

const figures = figuresOf(measured);
const { head, rows } = throughputTable(figures, AERIE);
const cpu = measured.map(({ cpuPerRequest }) =>
  Number.isNaN(cpuPerRequest) ? '' : cpuPerRequest.toFixed(0),
);
print('');
print(
  plainTable(
    [...head, 'CPU µs'],
    rows.map((row, index) => [...row, cpu[index] ?? '']),
  ),
);
const run: Run = {
  machine: { ...machine },
  seconds: options.seconds,
  rounds: options.rounds,
  connections: options.connections,
  cpu: measured.map(({ server, era, operation, cpuPerRequest }) => ({
    server,
    era,
    operation,
    perRequest: Number.isNaN(cpuPerRequest) ? null : rounded(cpuPerRequest, 1),
  })),
  redis: measured
    .filter(({ redisPerRequest }) => !Number.isNaN(redisPerRequest))
    .map(({ era, operation, redisPerRequest }) => ({
      era,
      operation,
      perRequest: rounded(redisPerRequest, 4),
    })),
  unseenToken: unseenToken === undefined ? null : rounded(unseenToken, 1),
  latencies: latencies.map(({ rate, p50, p99, p999, longest, ...rest }) => ({
    ...rest,
    rate: Math.round(rate),
    p50: rounded(p50, 3),
    p99: rounded(p99, 3),
    p999: rounded(p999, 3),
    longest: rounded(longest, 1),
  })),
};
print('');
print(plainTable(TARGET_HEAD, targetRows(figures, run)));
print('');
print(plainTable(LATENCY_HEAD, latencyRows(run.latencies)));

for (const { era, operation, perRequest } of run.redis) {
  print(`${operation}, ${era}: ${perRequest} Redis commands per request`);
}

if (options.write) {
  await writeJson(LATEST, figures);
  await writeJson(RUN, run);
  await writeChart(chart(figures, AERIE));
  await updateDocument();
}
process.exit(0);
