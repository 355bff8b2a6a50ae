import type { Case } from './cases.js';
import { ERAS } from './exchange.js';
import type { Failures } from './failures.js';
import type { LineUp, ReadyCase } from './line-up.js';
import { EventClient } from './load/event-client.js';
import { httpClients } from './load/flood.js';
import { Load } from './load/load.js';
import type { Options } from './options.js';
import { print } from './print.js';
import { median, medianOrNull } from './statistics.js';

/**
 * Time for connections and caches before each measurement, in seconds. A server that was idle while others were
 * measured takes this long to be fast again.
 */
export const LEAD_IN = 1;
/** Maximum time to warm up a case, in seconds. */
export const MAX_WARM_UP = 15;
/** Maximum time until a server gives its first correct response, in seconds. */
export const START_LIMIT = 60;
const WARM_UP_STEP = 0.1;
/** Minimum number of operations of a measurement, and the maximum time to reach it, in seconds. */
const MIN_OPERATIONS = 200;
const MAX_WINDOW = 5;
const WINDOW_STEP = 0.05;
/** Time beyond its load after which a measurement has failed, in seconds. */
const PATIENCE = 60;

/** Case with its results, which are medians of the rounds. */
export interface Measured extends Case {
  /** Its server in the last rounds; undefined if the last start failed. */
  readonly ready: ReadyCase | undefined;
  readonly requestsPerSecond: number;
  /** Requests per second of each round; null if the round failed. */
  readonly rates: readonly (number | null)[];
  /** CPU time of the server per request in microseconds; null without a meter. */
  readonly cpu: number | null;
  /** Commands that the server sent to Redis per request; null without Redis. */
  readonly redis: number | null;
}

interface Sample {
  readonly requestsPerSecond: number;
  readonly cpu: number | null;
  readonly redis: number | null;
}

/**
 * Measures all cases in each round, always in the same order: a server that was idle for long is slow, so each must be
 * idle equally long before its turn. With `--together`, all of an era run at the same time. Many short rounds find more
 * disturbances of the machine than a few long ones, and rows that are compared are measured within seconds. All servers
 * start anew several times, because V8 optimizes the same code differently in each process. Leaves out cases that failed
 * in each round.
 */
export async function measureInRounds(
  cases: readonly Case[],
  lineUp: LineUp,
  options: Options,
  failures: Failures,
): Promise<Measured[]> {
  const samples = new Map(cases.map((entry): [Case, (Sample | undefined)[]] => [entry, []]));
  const ready = new Map<Case, ReadyCase>();
  const start = async (entry: Case): Promise<ReadyCase | undefined> => {
    const running = await started(entry, lineUp, options, failures);
    if (running) ready.set(entry, running);
    return running;
  };
  const startAll = async (): Promise<void> => {
    lineUp.stop();
    ready.clear();
    for (const entry of cases) await start(entry);
  };
  const groups = options.together
    ? ERAS.map((era) => cases.filter((entry) => entry.era === era))
    : cases.map((entry) => [entry]);
  const startRounds = roundsWithStart(options);
  for (let round = 1; round <= options.rounds; round++) {
    if (!options.restart && startRounds.has(round)) await startAll();
    for (const group of groups) {
      const leadIn = Math.max(...group.map((entry) => entry.leadIn ?? LEAD_IN));
      const take = async (entry: Case): Promise<void> => {
        if (options.restart) lineUp.stop();
        const running = options.restart ? await start(entry) : ready.get(entry);
        const name = `round ${round}, ${nameOf(entry)}`;
        const sample =
          running &&
          (await failures.attempt(name, options.seconds + PATIENCE, (ended) =>
            measure(running, leadIn, options, ended),
          ));
        samples.get(entry)?.push(sample);
        if (sample) print(`${sample.requestsPerSecond.toFixed(0).padStart(7)}/s  ${name}`);
      };
      await Promise.all(group.map(take));
    }
  }
  return [...samples].flatMap(([entry, all]) => {
    const taken = all.filter((sample) => sample !== undefined);
    if (taken.length === 0) return [];
    return {
      ...entry,
      ready: ready.get(entry),
      requestsPerSecond: median(taken.map(({ requestsPerSecond }) => requestsPerSecond)),
      rates: all.map((sample) => sample?.requestsPerSecond ?? null),
      cpu: medianOrNull(taken.map(({ cpu }) => cpu)),
      redis: medianOrNull(taken.map(({ redis }) => redis)),
    };
  });
}

/** Rounds before which all servers start, evenly distributed. */
export const roundsWithStart = ({
  rounds,
  starts,
}: Pick<Options, 'rounds' | 'starts'>): ReadonlySet<number> =>
  new Set(Array.from({ length: starts }, (_, index) => Math.floor((index * rounds) / starts) + 1));

/** Starts the server of a case, and warms it up. Returns undefined if either fails. */
async function started(
  entry: Case,
  lineUp: LineUp,
  { warmup }: Options,
  failures: Failures,
): Promise<ReadyCase | undefined> {
  const running = await failures.attempt(`${nameOf(entry)}, start`, START_LIMIT, () => lineUp.prepare(entry));
  if (!running) return undefined;
  const name = `${nameOf(entry)}, warm-up`;
  return failures.attempt(name, MAX_WARM_UP + PATIENCE, async (ended) => {
    await warmUp(running, warmup, ended);
    return running;
  });
}

const nameOf = ({ server, era, operation }: Case): string => `${server}, ${era}, ${operation}`;

async function measure(
  entry: ReadyCase,
  leadIn: number,
  { seconds, together }: Pick<Options, 'seconds' | 'together'>,
  ended: AbortSignal,
): Promise<Sample> {
  const load = await loadOf(entry, ended);
  await load.during(leadIn);
  const before = await usageOf(entry, load);
  await load.during(seconds);
  const end = before.at + MAX_WINDOW * 1000;
  while (load.operations - before.operations < MIN_OPERATIONS && performance.now() < end) {
    await load.during(WINDOW_STEP);
  }
  const after = await usageOf(entry, load);
  await load.stop();
  entry.running.emptyLog();
  const operations = after.operations - before.operations;
  if (operations === 0) throw new Error(`No response within ${seconds} s.`);
  const perOperation = (key: 'cpu' | 'redis'): number | null =>
    before[key] === null || after[key] === null ? null : (after[key] - before[key]) / operations;
  const cpu = perOperation('cpu');
  return {
    // The share of a core that a server gets depends on its threads, so only the CPU time is comparable.
    requestsPerSecond:
      together && cpu !== null ? 1_000_000 / cpu : operations / ((after.at - before.at) / 1000),
    cpu,
    // Servers that run at the same time share a Redis.
    redis: together ? null : perOperation('redis'),
  };
}

/** Sends requests until V8 has optimized the code of a case, which takes some ten thousand of them. */
async function warmUp(entry: ReadyCase, requests: number, ended: AbortSignal): Promise<void> {
  const load = await loadOf(entry, ended);
  const end = performance.now() + MAX_WARM_UP * 1_000;
  while (load.operations < requests && performance.now() < end) await load.during(WARM_UP_STEP);
  await load.stop();
  entry.running.emptyLog();
}

/** Starts the load of a case, which a signal ends at once. */
export async function loadOf(
  { usesEvents, running, connections }: ReadyCase,
  signal?: AbortSignal,
): Promise<Load> {
  const clients = usesEvents
    ? await Promise.all(connections.map(([exchange]) => EventClient.open(running.url, exchange)))
    : await httpClients(running.url, connections);
  // A server that is not pinned needs the core of the load too.
  return new Load(clients, { isAwake: !running.contestant.isUnpinned, ...(signal && { signal }) });
}

/** Usage of a server, and the number of operations until then. */
interface Usage {
  readonly cpu: number | null;
  readonly redis: number | null;
  readonly operations: number;
  /** Time on the clock of `performance.now()`. */
  readonly at: number;
}

async function usageOf({ running }: ReadyCase, load: Load): Promise<Usage> {
  const { isMetered, redis } = running.contestant;
  const cpu = isMetered ? (await running.ask('usage')).cpu : null;
  const [operations, at] = [load.operations, performance.now()];
  return { cpu, redis: redis ? await redis.commands() : null, operations, at };
}
