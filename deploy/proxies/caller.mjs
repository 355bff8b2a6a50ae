import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';

import { SignJWT } from 'jose';

/** Address from which the caller connects. No other program uses it. */
export const CALLER_ADDRESS = '127.0.0.9';

/** Returns a caller with a token, which connects to the proxy. */
export async function newCaller({ port, scratch }) {
  const token = await new SignJWT({ scope: '', client_id: 'try' })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer('https://login.example.com')
    .setAudience('https://mcp.example.com/mcp')
    .setSubject('caller')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(createPrivateKey(readFileSync(join(scratch, 'private.pem'))));
  const options = {
    ca: readFileSync(join(scratch, 'tls.crt')),
    servername: 'mcp.example.com',
    localAddress: CALLER_ADDRESS,
  };
  const agent = new Agent({ ...options, keepAlive: true });

  /** Sends a request. Resolves with the response, when it is complete, and the time of its first bytes. */
  const request = ({ method = 'POST', path = '/mcp', headers = {}, body, onData, isOnNewConnection }) =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const outgoing = httpsRequest({
        agent: isOnNewConnection ? new Agent(options) : agent,
        method,
        path,
        host: '127.0.0.1',
        port,
        headers: {
          host: 'mcp.example.com',
          authorization: `Bearer ${token}`,
          ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      });
      const fail = (error) => reject(Object.assign(error, { onReusedConnection: outgoing.reusedSocket }));
      outgoing.on('error', fail).on('response', (response) => {
        let text = '';
        let first;
        response.setEncoding('utf8').on('data', (data) => {
          first ??= performance.now() - started;
          text += data;
          onData?.(text, outgoing);
        });
        response.on('error', reject).on('end', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            text,
            first,
            duration: performance.now() - started,
          }),
        );
      });
      outgoing.end(body);
    });

  return {
    request,
    /** Calls the tool that waits. */
    wait: (seconds, { accept = 'application/json', isOnNewConnection, ...meta } = {}, headers = {}) =>
      request({
        isOnNewConnection,
        headers: { accept, ...headers },
        body: message('tools/call', { name: 'wait', arguments: { seconds }, ...meta }),
      }),
  };
}

export function message(method, params) {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
}
