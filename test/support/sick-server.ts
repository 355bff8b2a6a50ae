import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';

import { freePort } from './ports.js';

/** Parts of a server that a test replaces. Undefined leaves a member out. */
export interface Symptoms {
  readonly resource?: string;
  readonly metadata?: object;
  readonly server?: object;
  readonly keys?: unknown;
  readonly keyHeaders?: Record<string, string>;
  /** Answers of single paths, in place of the healthy ones. */
  readonly answers?: Record<string, RequestListener>;
  /** Challenge, in which `ORIGIN` stands for the origin of the server; null for none. */
  readonly challenge?: string | null;
  readonly exposed?: string;
  readonly date?: Date;
  /** Status of a GET with a valid token. */
  readonly listening?: number;
}

/** Small server with an authorization server on the same port, healthy except for the symptoms. */
export interface SickServer {
  readonly url: string;
  close(): void;
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** Starts the server on a free port. */
export async function startSickServer(symptoms: Symptoms = {}): Promise<SickServer> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const metadata = {
    resource: symptoms.resource ?? `${origin}/mcp`,
    authorization_servers: [origin],
    bearer_methods_supported: ['header'],
    ...symptoms.metadata,
  };
  const authorizationServer = {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    jwks_uri: `${origin}/keys`,
    code_challenge_methods_supported: ['S256'],
    ...symptoms.server,
  };
  const challenge =
    symptoms.challenge === undefined
      ? `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`
      : (symptoms.challenge?.replace('ORIGIN', origin) ?? null);
  const endpoint = (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    response.setHeader('access-control-expose-headers', symptoms.exposed ?? 'WWW-Authenticate');
    if (request.method === 'OPTIONS') {
      response.setHeader(
        'access-control-allow-headers',
        request.headers['access-control-request-headers'] ?? '',
      );
      response.writeHead(204).end();
      return;
    }
    if (request.method === 'GET' && request.headers.authorization === 'Bearer good') {
      response.writeHead(symptoms.listening ?? 405, { allow: 'POST' }).end();
      return;
    }
    if (request.headers.authorization === 'Bearer good') {
      json(response, 200, { jsonrpc: '2.0', id: 1, result: {} });
      return;
    }
    if (challenge !== null) response.setHeader('www-authenticate', challenge);
    json(response, 401, { error: 'invalid_token', error_description: 'The token is wrong.' });
  };
  const answers: Record<string, RequestListener> = {
    '/mcp': endpoint,
    '/mcp/': endpoint,
    '/.well-known/oauth-protected-resource': (_request, response) => json(response, 200, metadata),
    '/.well-known/oauth-protected-resource/mcp': (_request, response) => json(response, 200, metadata),
    '/.well-known/oauth-authorization-server': (_request, response) =>
      json(response, 200, authorizationServer),
    '/keys': (_request, response) => {
      for (const [name, value] of Object.entries(symptoms.keyHeaders ?? {})) response.setHeader(name, value);
      json(response, 200, symptoms.keys ?? { keys: [{ kty: 'RSA', kid: 'k' }] });
    },
    ...symptoms.answers,
  };
  const server = createServer((request, response) => {
    if (symptoms.date) response.setHeader('date', symptoms.date.toUTCString());
    const answer = answers[request.url ?? ''];
    if (answer) answer(request, response);
    else json(response, 404, { error: 'not_found' });
  }).listen(port, 'localhost');
  await once(server, 'listening');
  return {
    url: `${origin}/mcp`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
