import { connect, createServer, type Socket } from 'node:net';

import { listen } from '../../src/values/listen.js';

/** Connections to a local port, through a port of their own, that can fall silent. */
export interface Network {
  readonly port: number;
  /** Number of times that the client sent data. */
  readonly sent: number;
  /** Keeps open connections but drops their data. New connections work. */
  fallSilent(): void;
  /** Holds the data of open and new connections back until the returned function is called, like a hung server. */
  hang(): () => void;
  close(): void;
}

export async function startNetwork(to: number): Promise<Network> {
  const pairs: [Socket, Socket][] = [];
  let isHanging = false;
  let sent = 0;
  const join = ([near, far]: [Socket, Socket]): void => void near.pipe(far).pipe(near);
  const part = ([near, far]: [Socket, Socket]): void => {
    near.unpipe(far).pause();
    far.unpipe(near).pause();
  };
  const listener = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.on('data', () => sent++);
    pairs.push([near, far]);
    if (!isHanging) join([near, far]);
  });
  const port = await listen(listener);
  return {
    port,
    get sent() {
      return sent;
    },
    fallSilent: () => pairs.forEach(part),
    hang: () => {
      isHanging = true;
      pairs.forEach(part);
      return () => {
        isHanging = false;
        pairs.forEach(join);
      };
    },
    close: () => {
      listener.close();
      pairs.flat().forEach((socket) => socket.destroy());
    },
  };
}
