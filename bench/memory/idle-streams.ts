import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Exchange, exchangeOf } from '../exchange.js';
import { alike, flood } from '../load/flood.js';
import { ListeningStream } from '../load/listening-stream.js';
import type { Finding } from '../results.js';
import type { RunningServer } from '../running-server.js';
import { send } from '../session.js';
import { ratioOf } from '../statistics.js';
import { temporaryFolder } from '../temporary-folder.js';
import { GREETING, type MemoryRun, seconds, withApplication } from './application.js';

const SETTLE = 3;
/** Number of streams that are opened concurrently. */
const AT_ONCE = 100;
const PATIENCE = 10_000;
const MAX_STREAM_KILOBYTES = 20;
const MIN_THROUGHPUT = 0.95;
const MAX_REACH_MS = 1_000;

/** Measures the cost of idle streams that listen for changes (MCP 2026-07-28, `subscriptions/listen`). */
export async function idleStreams(run: MemoryRun): Promise<Finding[]> {
  const policy = join(temporaryFolder('bench-policy-'), 'policy.json');
  writeFileSync(policy, '{}');
  const environment = {
    TOOL_POLICY: policy,
    MAX_CALLS_IN_FLIGHT: '1000000',
    MAX_LISTENERS: '20000',
    MAX_LISTENERS_PER_CALLER: '20000',
    MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: '1000000',
  };
  const change = (): void => writeFileSync(policy, CHANGED_POLICY);
  return withApplication(run, environment, (listened) =>
    withApplication(run, environment, (idle) => measure(run, { listened, idle }, change)),
  );
}

/** Policy that removes a tool from the lists of the streams' caller. */
const CHANGED_POLICY = JSON.stringify({ org_1: { deny: ['whoami'] } });

/** Server with streams, and the same without, which is measured in the same rounds. */
interface Pair {
  readonly listened: RunningServer;
  readonly idle: RunningServer;
}

async function measure(run: MemoryRun, { listened, idle }: Pair, change: () => void): Promise<Finding[]> {
  const call = exchangeOf(GREETING, '2026-07-28', run.token);
  for (const server of [listened, idle]) {
    await server.until(async () => void (await send(server.url, call)));
    await rateOf(server, call, run);
  }
  const before = await settled(listened);
  const streams: ListeningStream[] = [];
  while (streams.length < run.streams) {
    const opening = Array.from({ length: Math.min(AT_ONCE, run.streams - streams.length) }, () =>
      ListeningStream.open(listened.url, run.token),
    );
    streams.push(...(await Promise.all(opening)));
  }
  const perStream = ((await settled(listened)) - before) / run.streams;

  const rates: { listened: number[]; idle: number[] } = { listened: [], idle: [] };
  for (let round = 0; round < run.rounds; round++) {
    rates.listened.push(await rateOf(listened, call, run));
    rates.idle.push(await rateOf(idle, call, run));
  }
  const throughput = ratioOf(rates.listened, rates.idle)?.median ?? NaN;
  const reach = await tellAll(streams, change);
  streams.forEach((stream) => stream.close());
  return [
    {
      measured: `memory of each of ${run.streams} idle streams`,
      value: `${(perStream / 1024).toFixed(1)} KB`,
      target: `${MAX_STREAM_KILOBYTES} KB`,
      isMet: perStream <= MAX_STREAM_KILOBYTES * 1024,
      bytes: { of: 'stream', count: perStream },
    },
    {
      measured: 'call throughput with them, of that without',
      value: throughput.toFixed(2),
      target: String(MIN_THROUGHPUT),
      isMet: throughput >= MIN_THROUGHPUT,
    },
    reach,
  ];
}

async function rateOf(server: RunningServer, call: Exchange, run: MemoryRun): Promise<number> {
  const flooded = await flood(server.url, alike(call, run.connections), { seconds: run.seconds });
  server.emptyLog();
  return flooded.requestsPerSecond;
}

/** Measures how fast a change reaches all streams. */
async function tellAll(streams: readonly ListeningStream[], change: () => void): Promise<Finding> {
  const told = Promise.allSettled(streams.map((stream) => stream.next(PATIENCE)));
  const changed = performance.now();
  change();
  const times = (await told).flatMap((stream) =>
    stream.status === 'fulfilled' ? [stream.value - changed] : [],
  );
  const missing = streams.length - times.length;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return {
    measured: 'a change reaches all of them',
    value:
      missing > 0
        ? `not within ${PATIENCE / 1000} s for ${missing} of them`
        : `${(last - first).toFixed(0)} ms after the first, ${last.toFixed(0)} ms after the change`,
    target: `${MAX_REACH_MS} ms`,
    isMet: missing === 0 && last <= MAX_REACH_MS,
  };
}

async function settled(running: RunningServer): Promise<number> {
  await seconds(SETTLE);
  return (await running.ask('usage')).resident;
}
