import type { ServerResponse } from 'node:http';

/** How often a silent stream shows that it lives, seconds. Proxies close silent connections after a minute. */
const INTERVAL = 15;

/** The streams, by the second at which their turn is: thousands of them written to at once would stop all else. */
const turns = Array.from({ length: INTERVAL }, () => new Set<ServerResponse>());
let now = 0;
let next = 0;
let streams = 0;
let timer: NodeJS.Timeout | undefined;

/** Has an event stream show that it lives, until it is closed. */
export function keepAlive(response: ServerResponse): void {
  if (response.closed) return;
  const turn = turns[next++ % INTERVAL];
  turn?.add(response);
  streams++;
  timer ??= setInterval(writeNext, 1_000).unref();
  response.once('close', () => {
    turn?.delete(response);
    streams--;
    if (streams > 0) return;
    clearInterval(timer);
    timer = undefined;
  });
}

function writeNext(): void {
  now = (now + 1) % INTERVAL;
  for (const response of turns[now] ?? []) {
    if (!response.writableEnded) response.write(': keepalive\n\n');
  }
}
