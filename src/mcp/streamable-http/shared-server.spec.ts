import { InMemoryTransport, Server } from '@modelcontextprotocol/server';

import { receiverOf } from '../server/receiver.js';
import { keepControllers } from './shared-server.js';

describe('receiverOf', () => {
  const server = (): Server => {
    const made = new Server({ name: 'test', version: '1' }, { capabilities: { tools: {} } });
    made.setRequestHandler('tools/list', () => ({ tools: [] }));
    return made;
  };
  const request = { jsonrpc: '2.0' as const, id: 7, method: 'tools/list' };

  it('exists in the SDK, and returns the same responses as the transport', async () => {
    const answers: unknown[] = [];
    for (const through of ['receiver', 'transport']) {
      const [client, transport] = InMemoryTransport.createLinkedPair();
      const answered = new Promise((resolve) => Object.assign(client, { onmessage: resolve }));
      const instance = server();
      await instance.connect(transport);
      if (through === 'receiver') receiverOf(instance)!(request, {});
      else await client.send(request);
      answers.push(await answered);
      await instance.close();
    }
    expect(answers[0]).toEqual({ jsonrpc: '2.0', id: 7, result: { tools: [] } });
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe('keepControllers', () => {
  it('keeps the controller of a running request in its exchange, by which the SDK cancels the request', async () => {
    const exchange: { controller: AbortController | undefined } = { controller: undefined };
    const [client, transport] = InMemoryTransport.createLinkedPair();
    const server = new Server({ name: 'test', version: '1' }, { capabilities: { tools: {} } });
    const ended: string[] = [];
    const started = new Promise<() => void>((resolve) => {
      server.setRequestHandler('tools/list', async (_request, { mcpReq: { signal } }) => {
        signal.addEventListener('abort', () => ended.push('canceled'));
        await new Promise<void>((end) => resolve(end));
        ended.push('settled');
        return { tools: [] };
      });
    });
    expect(keepControllers(server, (id) => (id === 7 ? exchange : undefined))).toBe(true);
    await server.connect(transport);
    await client.send({ jsonrpc: '2.0', id: 7, method: 'tools/list' });
    const end = await started;
    expect(exchange.controller).toBeInstanceOf(AbortController);
    await client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } });
    end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toEqual(['canceled', 'settled']);
    expect(exchange.controller).toBeUndefined();
    await server.close();
  });
});
