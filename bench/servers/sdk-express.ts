// Floor of the official SDK: its low-level server behind Express, with precompiled schemas.
import {
  createMcpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type Tool,
} from '@modelcontextprotocol/server';
import { toNodeHandler } from '@modelcontextprotocol/node';
import express, { type Request, type Response } from 'express';

import { verifyBearer } from './remembered-token.js';
import { description, greet, input, numbers, toolName, TOOLS } from './tool-shape.js';

const definitions = numbers(TOOLS).map((index): Tool => ({
  name: toolName(index),
  description: description(index),
  inputSchema: { ...input['~standard'].jsonSchema.input({ target: 'draft-2020-12' }), type: 'object' },
}));
const names = new Set(definitions.map(({ name }) => name));
const list = { tools: definitions };

function createServer(): Server {
  const server = new Server({ name: 'floor', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => list);
  server.setRequestHandler('tools/call', ({ params }) => {
    if (!names.has(params.name)) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown tool');
    return { content: [{ type: 'text', text: greet(input.parse(params.arguments)) }] };
  });
  return server;
}

const handle = toNodeHandler(createMcpHandler(createServer));

async function serve(request: Request, response: Response): Promise<void> {
  try {
    await verifyBearer(request.headers.authorization);
  } catch {
    response.status(401).end();
    return;
  }
  await handle(request, response, request.body);
}

express()
  .use(express.json())
  .post('/mcp', (request, response) => void serve(request, response))
  .listen(Number(process.env['PORT']), '127.0.0.1');
