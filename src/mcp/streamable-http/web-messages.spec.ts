import { eventsOf } from './web-messages.js';

describe('eventsOf', () => {
  it('reads messages whose text has line ends of Unicode, which JSON does not escape', async () => {
    const message = { jsonrpc: '2.0', id: 1, result: { text: 'a\u2028b\u2029data: c\u0085d' } };
    const stream = `event: message\ndata: ${JSON.stringify(message)}\n\n`;
    const response = new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
    const messages: object[] = [];
    for await (const each of eventsOf(response) ?? []) messages.push(each);
    expect(messages).toEqual([message]);
  });
});
