import { setTimeout as sleep } from 'node:timers/promises';

import { postModern, toolCall } from '../support/rpc.js';

/** Time between two calls, in milliseconds. */
const INTERVAL_MS = 50;

/** Task of an honest caller. */
export interface Errand {
  readonly url: string;
  readonly token: string;
  readonly milliseconds: number;
}

export interface Experience {
  readonly calls: number;
  readonly failures: readonly string[];
  readonly p50: number;
  readonly p99: number;
}

/** Calls 20 times a second. A late call does not delay the next one. */
async function callHonestly({ url, token, milliseconds }: Errand): Promise<Experience> {
  const failures: string[] = [];
  const calls: Promise<number>[] = [];
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    calls.push(timed(url, token, failures));
    await sleep(INTERVAL_MS);
  }
  const durations = (await Promise.all(calls)).toSorted((a, b) => a - b);
  const at = (part: number): number => durations[Math.floor((durations.length - 1) * part)] ?? 0;
  return { calls: durations.length, failures, p50: at(0.5), p99: at(0.99) };
}

async function timed(url: string, token: string, failures: string[]): Promise<number> {
  const start = performance.now();
  try {
    const response = await postModern(url, token, toolCall('echo', { text: 'hello' }));
    const text = await response.text();
    if (response.status !== 200 || !text.includes('hello')) failures.push(`${response.status} ${text}`);
  } catch (error) {
    failures.push(String(error instanceof Error ? (error.cause ?? error) : error));
  }
  return performance.now() - start;
}

// Runs in its own process, so that it measures the server and not the attackers.
process.on('message', (errand: Errand) => {
  void callHonestly(errand).then((experience) => process.send?.(experience));
});
