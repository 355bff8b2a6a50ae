import type { ServerResponse } from 'node:http';

/** Seconds between two signs of life on a silent stream. Proxies close silent connections after a minute. */
const INTERVAL = 15;

/** Something that gets a turn once per interval. */
export interface Beating {
  beat(): void;
}

/** One set per second of the interval: writing to thousands of streams at once would stop everything else. */
const turns = Array.from({ length: INTERVAL }, () => new Set<Beating>());
let now = 0;
let next = 0;
let timer: NodeJS.Timeout | undefined;

/** Writes a comment to an event stream in each interval, until the stream is closed. */
export function keepAlive(response: ServerResponse): void {
  if (response.closed) return;
  const stop = join(next++ % INTERVAL, {
    beat: () => {
      if (!response.writableEnded) response.write(': keepalive\n\n');
    },
  });
  response.once('close', stop);
}

/**
 * Calls `beat` each time that a whole interval has passed. Costs no timer: call the result to stop.
 *
 * @returns a function that stops the calls
 */
export function onEachInterval(beating: Beating): () => void {
  return join(now, beating); // the turn that has just passed is the one that comes last
}

function join(second: number, beating: Beating): () => void {
  const turn = turns[second];
  turn?.add(beating);
  timer ??= setInterval(beatNext, 1_000).unref();
  return () => turn?.delete(beating);
}

function beatNext(): void {
  now = (now + 1) % INTERVAL;
  for (const beating of turns[now] ?? []) beating.beat();
  if (turns.some(({ size }) => size > 0)) return;
  clearInterval(timer);
  timer = undefined;
}
