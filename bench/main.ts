// npm run bench: measures Aerie, the floors and, with --peers, other servers.
import { AERIE, CALL, type Case, deployedCases, FLOOR, otherVersion, ownCases } from './cases.js';
import { startDatabase } from './database.js';
import { estimatedMinutes } from './estimate.js';
import { ERAS } from './exchange.js';
import { flags } from './flags.js';
import { exitAtSignals } from './at-exit.js';
import { Failures } from './failures.js';
import { furtherCases, todoCases, twoWorkers } from './further-cases.js';
import { startIssuer } from './issuer.js';
import { latenciesAtHalf } from './latency.js';
import { LineUp, processOf } from './line-up.js';
import { describeMachine } from './machine.js';
import { readOptions } from './options.js';
import { peerCases } from './peers/peers.js';
import { pinLoad } from './pinning.js';
import { print } from './print.js';
import { startRedis } from './redis.js';
import { updateDocument } from './report/document.js';
import { percentage } from './report/table.js';
import { printResults } from './report/terminal.js';
import { figuresOf, LATEST, rounded, RUN, type Run, writeJson } from './results.js';
import { LEAD_IN, measureInRounds, START_LIMIT } from './rounds.js';
import { stolenTime } from './stolen-time.js';
import { costOfUnseenTokens } from './unseen-tokens.js';

/** Maximum time of a round with unseen tokens, in seconds. */
const UNSEEN_TOKENS_LIMIT = 20;

exitAtSignals();
const options = flags(() => readOptions(process.argv.slice(2)));
const pinning = pinLoad();
const machine = describeMachine(pinning);
const takenByHost = stolenTime();
Object.entries(machine).forEach(([name, value]) => print(`${name.padEnd(9)} ${value}`));

const failures = new Failures();
const issuer = await startIssuer();
const lineUp = new LineUp(await issuer.sign(), pinning, options.connections);
const redis = await failures.attempt('Redis, with all its rows', START_LIMIT, startRedis);
const database = await failures.attempt('PostgreSQL, with all its rows', START_LIMIT, startDatabase);

const isWanted = ({ server, era, operation, contestant }: Case): boolean =>
  // Only CPU time is comparable between servers that share a core.
  (!options.together || contestant.isMetered) &&
  (options.only.length === 0 ||
    options.only.some((pattern) => pattern.test(`${server} ${era} ${operation}`)));
const wanted = [
  ...ownCases(issuer),
  ...(redis ? deployedCases(issuer, redis) : []),
  ...(options.against === undefined ? [] : otherVersion(issuer, options.against)),
  ...(options.peers ? peerCases(issuer, failures) : []),
  ...furtherCases(issuer),
  ...(database ? todoCases(issuer, database) : []),
  ...(redis ? twoWorkers(issuer, redis) : []),
].filter(isWanted);
if (wanted.length === 0) {
  print('No row matches --only.');
  process.exit(1);
}
// Rows of an era are near each other in time, since they are compared.
const cases = ERAS.flatMap((era) => wanted.filter((entry) => entry.era === era));
const isPaced = ({ server, operation }: Case): boolean =>
  !options.restart && !options.together && operation === CALL && [AERIE, FLOOR.server].includes(server);

const minutes = estimatedMinutes(
  {
    rows: cases.length,
    groups: options.together ? new Set(cases.map(({ era }) => era)).size : cases.length,
    processes: new Set(cases.map(processOf)).size,
    windows: cases.filter(isPaced).length,
    leadIns: cases.reduce((sum, { leadIn = LEAD_IN }) => sum + leadIn, 0),
  },
  options,
);
const end = new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
print(`\n${cases.length} rows. The run takes about ${Math.ceil(minutes)} minutes, until ${end} UTC.\n`);

const measured = await measureInRounds(cases, lineUp, options, failures);

const paced = measured.flatMap((entry) =>
  isPaced(entry) && entry.ready ? [{ ...entry, ...entry.ready }] : [],
);
lineUp.keepOnly(paced);
const latencies = await latenciesAtHalf(paced, options, failures);
// The last part, because its tokens fill the cache of the server.
const usual = paced.find(({ server }) => server === AERIE);
const unseenToken =
  usual &&
  (await failures.attempt('a token never seen', UNSEEN_TOKENS_LIMIT * (options.rounds + 1), () =>
    costOfUnseenTokens(usual, issuer, options),
  ));

const figures = figuresOf(measured);
const run: Run = {
  machine: { ...machine, stolen: percentage(takenByHost()) },
  seconds: options.seconds,
  rounds: options.rounds,
  starts: options.starts,
  connections: options.connections,
  window: options.window,
  windows: options.windows,
  unseenToken: unseenToken === undefined ? null : rounded(unseenToken, 1),
  latencies: latencies.map(({ rate, p50, p99, p99s, p999, longest, stolen, ...rest }) => ({
    ...rest,
    rate: Math.round(rate),
    p50: rounded(p50, 3),
    p99: rounded(p99, 3),
    p99s: p99s.map((value) => (value === null ? null : rounded(value, 3))),
    p999: rounded(p999, 3),
    longest: rounded(longest, 1),
    stolen: stolen === null ? null : rounded(stolen, 4),
  })),
  failures: [...failures.all],
};
printResults(figures, run);
if (options.write && figures.length > 0) {
  await writeJson(LATEST, figures);
  await writeJson(RUN, run);
  await failures.attempt('the page', START_LIMIT, updateDocument);
}
process.exit(failures.report());
