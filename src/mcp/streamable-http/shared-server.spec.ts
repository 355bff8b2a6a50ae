import { InMemoryTransport, Server } from '@modelcontextprotocol/server';

import { receiverOf } from './shared-server.js';

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
