import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import type { Response as HttpResponse } from 'express';

import { NO_WORK } from '../../../test/support/no-work.js';
import { lasting, lastingText } from '../../values/known-text.js';
import { listen } from '../../values/listen.js';
import { FastExchange } from './fast-exchange.js';

const request: JSONRPCRequest = { jsonrpc: '2.0', id: 'ä"\n', method: 'tools/list' };
const forms = { json: true, eventStream: true };
const structuredContent = { 'ä"': 'text '.repeat(200) };
const content = [{ type: 'text', text: lastingText(structuredContent) }];
const tools = lasting(Object.freeze([{ name: 'ä' }, { name: 'b' }]));

describe('the response on the fast path', () => {
  const answered = async (answer: Parameters<FastExchange['answer']>[0]): Promise<unknown> => {
    const serve = (_request: IncomingMessage, response: ServerResponse): void =>
      new FastExchange(request, response as HttpResponse, forms, NO_WORK).answer(answer);
    const server = createServer(serve);
    const port = await listen(server);
    try {
      return await (await fetch(`http://127.0.0.1:${port}`)).json();
    } finally {
      server.close();
    }
  };

  it.each([
    { tools },
    { tools, nextCursor: 'x', _meta: { a: [1] } },
    { a: undefined, tools, b: null },
    { tools: [{ name: 'not lasting' }] },
    { content: [] },
    { content, structuredContent },
    { structuredContent, isError: undefined },
    { content, structuredContent: { result: structuredContent }, _meta: { a: 1 } },
    {},
  ])('contains the result, with and without known text: %j', async (result) => {
    for (let time = 0; time < 2; time++) {
      const expected: unknown = JSON.parse(JSON.stringify({ jsonrpc: '2.0', id: request.id, result }));
      expect(await answered({ jsonrpc: '2.0', id: 1, result })).toEqual(expected);
    }
  });

  it('is an error if the result cannot be serialized', async () => {
    const answer = await answered({ jsonrpc: '2.0', id: 1, result: { id: 10n } });
    expect(answer).toMatchObject({ id: request.id, error: { code: -32_603 } });
  });
});
