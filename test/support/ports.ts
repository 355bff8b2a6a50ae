import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range that the kernel uses for outgoing connections. */
const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;
let next = Math.floor(Math.random() * PORT_COUNT);

/**
 * Returns a free TCP port of 127.0.0.1 that no other test process uses, in this run or another.
 *
 * The UDP port of the same number is the lock: the kernel grants it to one process and frees it when the process ends.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + (next++ % PORT_COUNT);
    if ((await lock(port)) && (await isFree(port))) return port;
  }
}

async function lock(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref();
  try {
    socket.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(socket, 'listening');
    return true;
  } catch {
    socket.close();
    return false;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
