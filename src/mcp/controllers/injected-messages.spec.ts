import { type IncomingMessage, ServerResponse } from 'node:http';

import { inject } from 'light-my-request';

import { completeMessages } from './injected-messages.js';

const injected = (handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<unknown> =>
  inject(
    (request, response) => {
      completeMessages(request, response, true);
      handle(request, response);
      response.end('done');
    },
    { method: 'POST', url: '/', payload: 'body' },
  );

describe('the messages of a request within the process', () => {
  it('have a socket with the methods of a real one', async () => {
    const { socket } = await new Promise<IncomingMessage>((resolve) => void injected(resolve));
    expect(socket).toMatchObject({ encrypted: true, readable: true });
    expect(socket.setTimeout(5)).toBe(socket);
    expect(socket.destroy()).toBe(socket);
  });

  it('are complete, so that nobody waits for the rest of a body that is not read', async () => {
    const { complete } = await new Promise<IncomingMessage>((resolve) => void injected(resolve));
    expect(complete).toBe(true);
  });

  it('keep their methods when the prototypes are replaced', async () => {
    const response = await injected((_request, outgoing) => {
      Object.setPrototypeOf(outgoing, ServerResponse.prototype);
    });
    expect(response).toMatchObject({ statusCode: 200, body: 'done' });
  });
});
