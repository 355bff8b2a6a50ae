import { once } from 'node:events';
import { createServer } from 'node:http';

import express, { type Response } from 'express';

import { EventLog } from './event-log.js';
import { SessionTransport } from './session-transport.js';

const BOUNDS = { events: 10, bytes: 1_000 };

/** Has a response whose client has gone before anything was done with it. */
async function withClosedResponse(use: (response: Response) => void): Promise<void> {
  const gone = new AbortController();
  let resolve: (response: Response) => void = () => {};
  const arrived = new Promise<Response>((told) => {
    resolve = told;
  });
  const application = express().get('/', (_request, response) => resolve(response));
  const server = createServer(application).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('There is no port.');
  const request = fetch(`http://127.0.0.1:${address.port}/`, { signal: gone.signal }).catch(() => undefined);
  const response = await arrived;
  const closed = once(response, 'close');
  gone.abort();
  await Promise.all([closed, request]);
  use(response);
  server.close();
}

it('a client that has gone before its stream began is not taken for connected, nor watched over', async () => {
  const transport = new SessionTransport('session', new EventLog(BOUNDS, BOUNDS).open());
  let watched = 0;
  await withClosedResponse((response) => {
    transport.listen({
      response,
      watch: () => {
        watched++;
        return () => {};
      },
    });
  });
  expect(transport.attended).toBe(false);
  expect(watched).toBe(0);
});
