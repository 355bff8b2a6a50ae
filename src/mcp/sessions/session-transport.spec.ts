import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import { type JSONRPCMessage, Server } from '@modelcontextprotocol/server';
import express, { type Response } from 'express';

import { NO_WORK } from '../../../test/support/no-work.js';
import { aPrincipal } from '../../../test/support/principal.js';
import { ByteBudget } from '../../limits/byte-budget.js';
import { listen } from '../../values/listen.js';
import { UnreadBytes } from '../wire/unread-bytes.js';
import { EventLog } from './event-log.js';
import type { PostConnection } from './session-streams.js';
import { SessionTransport } from './session-transport.js';

const BOUNDS = { events: 10, bytes: 1_000 };

/** Creates a response whose client has already disconnected. */
async function withClosedResponse(use: (response: Response) => void): Promise<void> {
  const gone = new AbortController();
  let resolve: (response: Response) => void = () => {};
  const arrived = new Promise<Response>((told) => {
    resolve = told;
  });
  const application = express().get('/', (_request, response) => resolve(response));
  const server = createServer(application);
  const port = await listen(server);
  const request = fetch(`http://127.0.0.1:${port}/`, { signal: gone.signal }).catch(() => undefined);
  const response = await arrived;
  const closed = once(response, 'close');
  gone.abort();
  await Promise.all([closed, request]);
  use(response);
  server.close();
}

it('does not treat a client as connected that disconnected before its stream began', async () => {
  const transport = new SessionTransport('session', new EventLog(BOUNDS, BOUNDS).open('organization:acme'));
  let watched = 0;
  await withClosedResponse((response) => {
    transport.listen({
      principal: aPrincipal(),
      mayRead: () => true,
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

/** Creates a response that nobody reads. */
function aResponse(): Response {
  const response: unknown = Object.setPrototypeOf(
    new ServerResponse(new IncomingMessage(new Socket())),
    express.response,
  );
  return response as Response;
}

const call = (id: number): JSONRPCMessage => ({ jsonrpc: '2.0', id, method: 'ping' });
const cancellation = (requestId: number): JSONRPCMessage => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
});

const connection = (): PostConnection => ({
  principal: aPrincipal(),
  mayRead: () => true,
  response: aResponse(),
  watch: () => () => {},
  forms: { json: true, eventStream: false },
  refusals: undefined,
  work: NO_WORK,
});
const authInfo = { token: '', clientId: 'x', scopes: [] };

it('rejects requests in an ended session', async () => {
  const transport = new SessionTransport('session', new EventLog(BOUNDS, BOUNDS).open('organization:acme'));
  await transport.close();
  await expect(transport.serve([call(1)], connection(), authInfo)).rejects.toMatchObject({ httpStatus: 404 });
});

describe('a cancellation', () => {
  /** Serves each list of messages as a separate request, concurrently. Returns the number of unfinished responses. */
  const serveAtOnce = async (...requests: JSONRPCMessage[][]): Promise<number> => {
    const transport = new SessionTransport('session', new EventLog(BOUNDS, BOUNDS).open('organization:acme'));
    await new Server({ name: 'test', version: '1' }).connect(transport);
    const connections = requests.map(connection);
    await Promise.all(
      requests.map((messages, index) => transport.serve(messages, connections[index]!, authInfo)),
    );
    return connections.filter(({ response }) => !response.writableEnded).length;
  };

  it('that arrives before its request leaves no response open', async () => {
    expect(await serveAtOnce([cancellation(1)], [call(1)])).toBe(0);
  });

  it('does not cancel a later request with the same ID', async () => {
    expect(await serveAtOnce([call(1)], [cancellation(1)], [call(1)])).toBe(0);
  });

  it('before its request in a batch leaves no response open', async () => {
    expect(await serveAtOnce([cancellation(1), call(1)])).toBe(0);
  });
});

it('answers a request with the method of a notification, alone and in a batch', async () => {
  const transport = new SessionTransport('session', new EventLog(BOUNDS, BOUNDS).open('organization:acme'));
  await new Server({ name: 'test', version: '1' }).connect(transport);
  const request = { ...cancellation(1), id: 'x' } as JSONRPCMessage;
  for (const messages of [[request], [call(1), request]]) {
    const asked = connection();
    await transport.serve(messages, asked, authInfo);
    expect(asked.response.writableEnded).toBe(true);
  }
});

it('ends an abandoned request at the second sweep', async () => {
  const transport = new SessionTransport('session', new EventLog(BOUNDS, BOUNDS).open('organization:acme'));
  const asked = connection();
  const served = transport.serve([call(1)], asked, authInfo);
  transport.endAbandoned();
  expect(asked.response.writableEnded).toBe(false);
  transport.endAbandoned();
  await served;
  expect(asked.response.writableEnded).toBe(true);
});

it('takes the answers of a batch one by one, so that the client may repeat those that cannot be taken now', async () => {
  const transport = new SessionTransport('session', new EventLog(BOUNDS, BOUNDS).open('organization:acme'));
  const received: JSONRPCMessage[] = [];
  Object.assign(transport, { onmessage: (message: JSONRPCMessage) => received.push(message) });
  const forms = { json: true, eventStream: true };
  const isAtLimit = { second: true };
  const limited = {
    ...NO_WORK,
    resume: () => {
      if (isAtLimit.second) throw new Error('There is no place now.');
    },
  };
  void transport.serve([call(1)], { ...connection(), forms }, authInfo);
  void transport.serve([call(2)], { ...connection(), forms, work: limited }, authInfo);
  const [one, other] = received.map((message) => ('id' in message ? message.id : undefined));
  for (const [id, relatedRequestId] of [
    ['a', one],
    ['b', other],
  ] as const) {
    await transport.send(
      { jsonrpc: '2.0', id, method: 'roots/list' },
      { relatedRequestId: relatedRequestId! },
    );
  }
  const answers: JSONRPCMessage[] = ['a', 'b'].map((id) => ({ jsonrpc: '2.0', id, result: {} }));
  await expect(transport.serve(answers, connection(), authInfo)).rejects.toThrow('There is no place now.');
  isAtLimit.second = false;
  await transport.serve(answers, connection(), authInfo);
  expect(received.slice(2)).toEqual(answers);
});

it('charges the caller for the unread bytes of a listening client', () => {
  const transport = new SessionTransport('session', new EventLog(BOUNDS, BOUNDS).open('organization:acme'));
  transport.setProtocolVersion('2025-11-25'); // its streams begin with an event
  const budget = new ByteBudget({ caller: 1_000, instance: 1_000 }, 0);
  const response = aResponse();
  const unread = new UnreadBytes(response, budget.open({ caller: 'caller', group: 'organization' }), 60_000);
  transport.listen({ ...connection(), response, unread });
  expect(budget.taken).toBeGreaterThan(0);
});
