import { InMemoryTransport, Server } from '@modelcontextprotocol/server';

import { receiverOf } from './shared-server.js';

describe('the place where the SDK takes in a request', () => {
  const server = (): Server => {
    const made = new Server({ name: 'test', version: '1' }, { capabilities: { tools: {} } });
    made.setRequestHandler('tools/list', () => ({ tools: [] }));
    return made;
  };
  const request = { jsonrpc: '2.0' as const, id: 7, method: 'tools/list' };

  it('is there, and answers what comes in there as what comes through the transport', async () => {
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
