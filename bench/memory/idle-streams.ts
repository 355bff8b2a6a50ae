import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { exchangeOf } from '../exchange.js';
import { alike, flood } from '../load/flood.js';
import { ListeningStream } from '../load/listening-stream.js';
import { print } from '../print.js';
import type { RunningServer } from '../running-server.js';
import { send } from '../session.js';
import { median } from '../statistics.js';
import { type Finding, GREETING, type MemoryRun, seconds, withApplication } from './finding.js';

const SETTLE = 3;
/** Number of streams that are opened concurrently. */
const AT_ONCE = 100;
const PATIENCE = 10_000;

/** Measures the cost of idle streams that listen for changes (MCP 2026-07-28, `subscriptions/listen`). */
export async function idleStreams(run: MemoryRun): Promise<Finding[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-policy-'));
  const policy = join(directory, 'policy.json');
  writeFileSync(policy, '{}');
  try {
    return await withApplication(
      run,
      {
        TOOL_POLICY: policy,
        MAX_CALLS_IN_FLIGHT: '1000000',
        MAX_LISTENERS: '20000',
        MAX_LISTENERS_PER_CALLER: '20000',
        MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: '1000000',
      },
      (running) => measure(run, running, () => writeFileSync(policy, CHANGED_POLICY)),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Policy that removes a tool from the lists of the streams' caller. */
const CHANGED_POLICY = JSON.stringify({ org_1: { deny: ['whoami'] } });

async function measure(run: MemoryRun, running: RunningServer, change: () => void): Promise<Finding[]> {
  const call = exchangeOf(GREETING, '2026-07-28', run.token);
  await running.until(async () => void (await send(running.url, call)));
  const throughput = async (): Promise<number> => {
    const rates: number[] = [];
    for (let round = 0; round < run.rounds; round++) {
      const flooded = await flood(running.url, alike(call, run.connections), { seconds: run.seconds });
      rates.push(flooded.requestsPerSecond);
      running.emptyLog();
    }
    return median(rates);
  };
  await throughput();
  const before = { calls: await throughput(), memory: await settled(running) };

  const streams: ListeningStream[] = [];
  try {
    while (streams.length < run.streams) {
      const opening = Array.from({ length: Math.min(AT_ONCE, run.streams - streams.length) }, () =>
        ListeningStream.open(running.url, run.token),
      );
      streams.push(...(await Promise.all(opening)));
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    print(`Listening streams are NOT MEASURED. After ${streams.length} of them: ${reason}`);
    return [
      { measured: 'idle listening streams', value: `not measured: ${reason.slice(0, 120)}`, target: '' },
    ];
  }

  const memory = (await settled(running)) - before.memory;
  const calls = await throughput();
  const reach = await tellAll(streams, change);
  streams.forEach((stream) => stream.close());
  return [
    {
      measured: `memory of each of ${run.streams} idle streams`,
      value: `${(memory / run.streams / 1024).toFixed(1)} KB`,
      target: '20 KB',
    },
    {
      measured: 'call throughput with them, of that without',
      value: (calls / before.calls).toFixed(2),
      target: '0.95',
    },
    { measured: 'a change reaches all of them', value: reach, target: '1000 ms' },
  ];
}

/** Describes how fast a change reaches all streams. */
async function tellAll(streams: readonly ListeningStream[], change: () => void): Promise<string> {
  const told = Promise.allSettled(streams.map((stream) => stream.next(PATIENCE)));
  const changed = performance.now();
  change();
  const times = (await told).flatMap((stream) =>
    stream.status === 'fulfilled' ? [stream.value - changed] : [],
  );
  const missing = streams.length - times.length;
  if (missing > 0) return `not within ${PATIENCE / 1000} s for ${missing} of them`;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return `${(last - first).toFixed(0)} ms after the first, ${last.toFixed(0)} ms after the change`;
}

async function settled(running: RunningServer): Promise<number> {
  await seconds(SETTLE);
  return (await running.ask('usage')).resident;
}
