import type { ReadyCase } from './line-up.js';
import { eventFlood } from './load/event-flood.js';
import { flood } from './load/flood.js';
import type { Options } from './options.js';
import { print } from './print.js';
import { median } from './statistics.js';

/** Case with its results. */
export interface Measured extends ReadyCase {
  /** Median of the rounds. */
  readonly requestsPerSecond: number;
  /** CPU time of the server per request in microseconds, median of the rounds; NaN without a meter. */
  readonly cpuPerRequest: number;
  /** Commands that the server sent to Redis per request, median of the rounds; NaN without Redis. */
  readonly redisPerRequest: number;
}

interface Sample {
  readonly requestsPerSecond: number;
  readonly cpuPerRequest: number;
  readonly redisPerRequest: number;
}

/** Measures all cases in each round, so that a disturbance of the machine affects all cases alike. */
export async function measureInRounds(cases: readonly ReadyCase[], options: Options): Promise<Measured[]> {
  const samples = new Map(cases.map((entry): [ReadyCase, Sample[]] => [entry, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const entry of round % 2 === 1 ? cases : cases.toReversed()) {
      const sample = await measure(entry, options);
      samples.get(entry)?.push(sample);
      const { server, era, operation } = entry;
      print(
        `round ${round}  ${sample.requestsPerSecond.toFixed(0).padStart(7)}/s  ${server}, ${era}, ${operation}`,
      );
    }
  }
  return cases.map((entry) => {
    const own = samples.get(entry) ?? [];
    return {
      ...entry,
      requestsPerSecond: median(own.map(({ requestsPerSecond }) => requestsPerSecond)),
      cpuPerRequest: median(own.map(({ cpuPerRequest }) => cpuPerRequest)),
      redisPerRequest: median(own.map(({ redisPerRequest }) => redisPerRequest)),
    };
  });
}

async function measure(entry: ReadyCase, options: Options): Promise<Sample> {
  const { running, connections, exchange } = entry;
  const load = entry.usesEvents ? eventFlood : flood;
  const steps = exchange.follow ? 2 : 1;
  await load(running.url, connections, { seconds: options.warmup });
  const before = await cpuOf(running);
  const sent = await commandsOf(running);
  const flooded = await load(running.url, connections, { seconds: options.seconds });
  const requests = flooded.requests / steps;
  const after = await cpuOf(running);
  const redisPerRequest = ((await commandsOf(running)) - sent) / requests;
  running.emptyLog();
  return {
    requestsPerSecond: flooded.requestsPerSecond / steps,
    cpuPerRequest: (after - before) / requests,
    redisPerRequest,
  };
}

const commandsOf = async ({ contestant }: ReadyCase['running']): Promise<number> =>
  contestant.redis?.commands() ?? Number.NaN;

async function cpuOf(running: ReadyCase['running']): Promise<number> {
  return running.contestant.isMetered ? (await running.ask('usage')).cpu : Number.NaN;
}
