import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range that the kernel hands out for outgoing connections; a slice for each of Jest's workers. */
const FIRST = 20_000;
const SLICE = 600;
const worker = Number(process.env['JEST_WORKER_ID'] ?? 1);
let next = Math.floor(Math.random() * SLICE);

/** A port of 127.0.0.1 on which nothing listens, and which no test of another worker will take. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + ((worker - 1) % 16) * SLICE + (next++ % SLICE);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      server.close();
      await once(server, 'close');
      return port;
    } catch {
      // Taken: try another.
    }
  }
}
