// Floor of Node.js: caches the token, parses the body and returns it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { verifyBearer } from './remembered-token.js';

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await verifyBearer(request.headers.authorization);
  } catch {
    response.writeHead(401).end();
    return;
  }
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (text += chunk));
  request.on('end', () => {
    const body = JSON.stringify({ result: JSON.parse(text) });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
}

createServer((request, response) => void serve(request, response)).listen(
  Number(process.env['PORT']),
  '127.0.0.1',
);
