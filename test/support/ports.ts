import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range that the kernel uses for outgoing connections. */
const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;
let next = Math.floor(Math.random() * PORT_COUNT);

const locks: Socket[] = [];

// An open socket would keep the memory of its test file. The scripts that use these ports run without Jest.
if (typeof afterAll === 'function') afterAll(() => locks.splice(0).forEach((socket) => socket.close()));

/**
 * Returns a free TCP port of 127.0.0.1 that no other test process uses, in this run or another.
 *
 * The UDP port of the same number is the lock: the kernel grants it to one process, until the test file or the process
 * ends.
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
    locks.push(socket);
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
