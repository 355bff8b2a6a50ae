import { type IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';

import { inject } from 'light-my-request';

import { completeMessages, disconnect } from './injected-messages.js';

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

  it('emit what real ones emit at the end, each once', async () => {
    const events: string[] = [];
    await injected((request, response) => {
      request.on('close', () => events.push('request closed'));
      response.on('finish', () => events.push(`finished: ${response.writableFinished}`));
      response.on('close', () => events.push('response closed'));
    });
    await setTimeout(20); // the socket of the response has written everything
    expect(events).toEqual(['finished: true', 'request closed', 'response closed']);
  });

  it('have timeouts that can be switched off, and that end with the response', async () => {
    const timeouts: number[] = [];
    const response = await injected((_request, outgoing) => {
      outgoing.setTimeout(5, () => timeouts.push(5));
      outgoing.setTimeout(0);
      outgoing.setTimeout(10);
      outgoing.socket?.setTimeout(0);
    });
    await setTimeout(20);
    expect(response).toMatchObject({ statusCode: 200, body: 'done' });
    expect(timeouts).toEqual([]);
  });

  it('disconnect at the timeout of a response', async () => {
    const response = inject(
      (request, outgoing) => {
        completeMessages(request, outgoing, true);
        outgoing.setTimeout(1);
      },
      { method: 'GET', url: '/' },
    );
    await expect(response).rejects.toThrow('destroyed');
  });

  it('drop what is written after a disconnect, and say so', async () => {
    const results: unknown[] = [];
    const response = inject(
      (request, outgoing) => {
        completeMessages(request, outgoing, true);
        disconnect(request);
        results.push(outgoing.write('x', (error) => results.push(error?.message)));
        outgoing.end(() => results.push('ended'));
      },
      { method: 'GET', url: '/', payloadAsStream: true },
    );
    await expect(response).rejects.toThrow('destroyed');
    await setTimeout(5);
    expect(results).toEqual([false, 'The response is destroyed.', 'ended']);
  });

  it('keep their methods when the prototypes are replaced', async () => {
    const response = await injected((_request, outgoing) => {
      Object.setPrototypeOf(outgoing, ServerResponse.prototype);
    });
    expect(response).toMatchObject({ statusCode: 200, body: 'done' });
  });
});
