import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { EmptyResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Response } from 'express';

import { ByteBudget } from '../../limits/byte-budget.js';
import { STOPPING } from '../sessions/end-requests.js';
import { UnreadBytes } from '../wire/unread-bytes.js';
import { SseTransport } from './sse-transport.js';

const MB = 1024 ** 2;

it('refuses questions while the server stops, and leaves nothing of them in the SDK', async () => {
  const response = new ServerResponse(new IncomingMessage(new Socket())) as Response;
  const held = new ByteBudget({ caller: MB, instance: MB }, 0).open({
    caller: 'caller',
    group: 'organization',
  });
  const transport = new SseTransport('/messages', response, new UnreadBytes(response, held, 1_000));
  const server = new Server({ name: 'test', version: '1' }, { capabilities: {} });
  await server.connect(transport);
  transport.drain();
  await expect(server.request({ method: 'ping' }, EmptyResultSchema)).rejects.toMatchObject({
    data: new Error(STOPPING.message),
  });
  expect(Reflect.get(server, '_responseHandlers')).toEqual(new Map());
  await server.close();
  response.destroy();
});
