import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generateKeyPair, SignJWT } from 'jose';

import { REASONS } from '../src/logging/reason.js';
import { CLAIMS } from '../src/tools/claims.js';
import { StuckHandlers } from '../src/mcp/invocation/stuck-handlers.js';
import { Admission } from '../src/mcp/admission/admission.js';
import { Listeners } from '../src/mcp/streamable-http/listeners.js';
import { SessionRegistry } from '../src/mcp/sessions/session-registry.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { runCommand } from './support/run-command.js';
import { DECLARED } from './support/claims.js';
import { FailingOffersModule, type Outage } from './support/failing.offers.js';
import { Listener } from './support/listener.js';
import { claimsFor, ISSUER, OwnKey } from './support/own-keys.js';
import { message, MODERN, post, postModern, toolCall } from './support/rpc.js';
import { initialize, openSession } from './support/sessions.js';
import { until } from './support/until.js';

interface Line {
  readonly msg: string;
  readonly reason?: string;
  readonly [field: string]: unknown;
}

type FixedReason = (typeof REASONS)[number];
interface Case {
  readonly act: (aerie: Aerie) => Promise<unknown>;
  /** Other members of the log line. */
  readonly line?: object;
  readonly on?: 'limited' | 'crowded' | 'blind' | 'unaudited';
}

// Claims of the deployment, which declares none in this repository.
Object.assign(CLAIMS, DECLARED);

const LIST = message({ method: 'tools/list' });
/** Metadata of a client that can ask its user. */
const ASKS = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
const OWN = new OwnKey();
const now = (): number => Math.floor(Date.now() / 1000);

const withToken = async (aerie: Aerie, claims: object, header?: object): Promise<Response> =>
  post(
    aerie.url,
    await aerie.token({ claims: { ...claims }, ...(header && { header: { ...header } }) }),
    LIST,
  );
const withOwnToken = async (aerie: Aerie, claims: object, header?: object): Promise<Response> =>
  post(aerie.url, await OWN.sign(claimsFor(aerie, { ...claims }), header), LIST);
const call = async (aerie: Aerie, name: string, args?: object): Promise<Response> =>
  post(aerie.url, await aerie.token(), message(toolCall(name, args)));
const send = async (aerie: Aerie, body: unknown, headers?: Record<string, string>): Promise<Response> =>
  post(aerie.url, await aerie.token(), body, headers);
const batch = (count: number, tool = 'told'): object[] =>
  Array.from({ length: count }, (_none, id) => message(toolCall(tool, {}, id)));

/** Sends a request that fetch cannot send, and ignores the response. */
async function sendRaw({ url }: Aerie, ...headers: readonly string[]): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = createConnection(Number(port), hostname);
  socket.write(['POST /mcp HTTP/1.1', ...headers, '', ''].join('\r\n'));
  await once(socket, 'data');
  socket.destroy();
}

const outage = (reason: Outage): Case => ({
  act: (aerie) => call(aerie, 'outage', { reason }),
  line: { msg: 'call', tool: 'outage', outcome: 'failed' },
});

const CASES: Readonly<Record<FixedReason, Case>> = {
  missing_token: { act: ({ url }) => post(url, undefined, LIST), line: { status: 401 } },
  several_tokens: {
    act: (aerie) =>
      sendRaw(
        aerie,
        `Host: ${new URL(aerie.url).host}`,
        'Authorization: Bearer a',
        'Authorization: Bearer b',
      ),
    line: { status: 400 },
  },
  token_in_query: { act: ({ url }) => post(`${url}?access_token=a.b.c`, 'a', LIST), line: { status: 400 } },
  malformed_header: { act: ({ url }) => post(url, 'one two', LIST), line: { status: 400 } },
  malformed: { act: ({ url }) => post(url, 'no-jwt', LIST), line: { status: 401 } },
  wrong_type: { act: (aerie) => withOwnToken(aerie, {}, { typ: 'id+jwt' }) },
  wrong_algorithm: {
    act: async (aerie) => {
      const [, payload, signature] = (await aerie.token()).split('.');
      const header = Buffer.from(JSON.stringify({ alg: 'HS256' })).toString('base64url');
      return post(aerie.url, `${header}.${payload}.${signature}`, LIST);
    },
  },
  unknown_key: {
    act: async (aerie) => {
      const { privateKey } = await generateKeyPair('RS256');
      const forged = new SignJWT({ aud: aerie.url, iss: aerie.issuer.url, sub: 'usr_1' });
      forged.setProtectedHeader({ alg: 'RS256', kid: 'snk_0' }).setExpirationTime('1h');
      return post(aerie.url, await forged.sign(privateKey), LIST);
    },
  },
  bad_signature: {
    act: async (aerie) => {
      const [header, payload] = (await aerie.token()).split('.');
      return post(aerie.url, `${header}.${payload}.${'A'.repeat(342)}`, LIST);
    },
  },
  wrong_issuer: { act: (aerie) => withToken(aerie, { iss: 'https://other.example' }) },
  wrong_audience: { act: (aerie) => withToken(aerie, { aud: ['https://other.example'] }) },
  expired: { act: (aerie) => withToken(aerie, { exp: now() - 10 }) },
  not_yet_valid: { act: (aerie) => withToken(aerie, { nbf: now() + 600 }) },
  issued_in_future: { act: (aerie) => withToken(aerie, { iat: now() + 3_000 }) },
  lives_too_long: { act: (aerie) => withToken(aerie, { exp: now() + 10_000_000 }) },
  no_expiry: { act: (aerie) => withToken(aerie, { exp: undefined }) },
  no_issue_time: { act: (aerie) => withToken(aerie, { iat: undefined }) },
  no_subject: { act: (aerie) => withToken(aerie, { sub: undefined }) },
  invalid_claim: { act: (aerie) => withToken(aerie, { nbf: 'soon' }) },
  wrong_claim: { act: (aerie) => withToken(aerie, { department: 7 }) },
  revoked: {
    act: async (aerie) => {
      const token = await aerie.token({ claims: { sub: 'usr_revoked' } });
      await runCommand('revoke', ['--subject', 'usr_revoked'], process.cwd(), {
        STATE_DIRECTORY: aerie.stateDirectory,
      });
      await until(async () => (await post(aerie.url, token, LIST)).status !== 200);
    },
    line: { status: 401, subject: 'usr_revoked' },
  },
  insufficient_scope: {
    act: (aerie) => call(aerie, 'admin_tool'),
    line: { msg: 'request', status: 403, tool: 'admin_tool' },
  },
  forbidden: { act: (aerie) => call(aerie, 'imperial'), line: { msg: 'call', tool: 'imperial' } },
  issuer_unreachable: {
    act: async () => {
      const aerie = await startAerie({ issuerDown: true });
      const response = await post(aerie.url, await aerie.token(), LIST);
      await aerie.close();
      return response;
    },
    line: { status: 503 },
  },
  revocations_unknown: { on: 'blind', act: (aerie) => send(aerie, LIST), line: { status: 503 } },
  'rate_limited:caller': {
    on: 'limited',
    act: (aerie) => send(aerie, [...batch(50), ...batch(1, 'hidden').map((one) => ({ ...one, id: 99 }))]),
    // A hidden tool is not named.
    line: { msg: 'request', status: 429, tool: 'told' },
  },
  'rate_limited:organization': {
    on: 'limited',
    act: (aerie) => send(aerie, batch(46)),
    line: { msg: 'request', status: 429, tool: 'told' },
  },
  'rate_limited:tool': {
    on: 'limited',
    act: (aerie) => send(aerie, batch(2, 'rare')),
    line: { msg: 'request', status: 429, tool: 'rare' },
  },
  'rate_limited:resource': {
    on: 'limited',
    act: (aerie) =>
      send(
        aerie,
        ['a', 'b'].map((name, id) =>
          message({ method: 'resources/read', params: { uri: `note://${name}` }, id }),
        ),
      ),
    line: { msg: 'request', status: 429, resource: 'rare_note' },
  },
  'rate_limited:prompt': {
    on: 'limited',
    act: (aerie) =>
      send(
        aerie,
        [1, 2].map((id) => message({ method: 'prompts/get', params: { name: 'rare_prompt' }, id })),
      ),
    line: { msg: 'request', status: 429, prompt: 'rare_prompt' },
  },
  'rate_limited:address': {
    on: 'limited',
    act: async ({ url }) => [await post(url, 'no-jwt', LIST), await post(url, 'no-jwt', LIST)],
    line: { status: 429 },
  },
  'in_flight:caller': {
    on: 'limited',
    act: (aerie) => send(aerie, batch(56)),
    line: { msg: 'request', status: 429, tool: 'told' },
  },
  'in_flight:organization': {
    on: 'limited',
    act: (aerie) => send(aerie, [...batch(60), message(toolCall('greet_user', {}, 99))]),
    line: { msg: 'request', status: 429, tool: 'told,greet_user' },
  },
  'in_flight:instance': {
    on: 'limited',
    act: (aerie) => send(aerie, batch(66)),
    line: { msg: 'request', status: 503, tool: 'told' },
  },
  'body_bytes:caller': {
    on: 'limited',
    act: (aerie) => sendHalves(aerie, ['usr_a', 'usr_a', 'usr_a']),
    line: { msg: 'request', status: 429 },
  },
  'body_bytes:instance': {
    on: 'limited',
    act: (aerie) => sendHalves(aerie, ['usr_a', 'usr_b', 'usr_a', 'usr_b']),
    line: { msg: 'request', status: 503 },
  },
  stuck: {
    on: 'limited',
    act: async (aerie) => {
      await (await call(aerie, 'slow')).text();
      await until(() => aerie.application.get(StuckHandlers).size === 1);
      return call(aerie, 'slow');
    },
    line: { msg: 'handler does not end', tool: 'slow', level: 40 },
  },
  unrecorded: {
    on: 'unaudited',
    act: (aerie) => call(aerie, 'whoami'),
    line: { msg: 'request', status: 503, tool: 'whoami' },
  },
  'sessions:caller': {
    on: 'crowded',
    act: async (aerie) => {
      const session = await openSession(aerie.url, await aerie.token());
      const stream = await session.listen();
      await send(aerie, initialize());
      await stream.abandon();
      await session.delete();
    },
    line: { status: 429 },
  },
  'sessions:instance': {
    on: 'crowded',
    act: async (aerie) => {
      const session = await openSession(aerie.url, await aerie.token({ claims: { sub: 'usr_other' } }));
      await send(aerie, initialize());
      await session.delete();
    },
    line: { status: 503 },
  },
  'listeners:caller': {
    on: 'crowded',
    act: (aerie) => listenAfter(aerie, 'usr_a', 'usr_a'),
    line: { status: 429 },
  },
  'listeners:instance': {
    on: 'crowded',
    act: (aerie) => listenAfter(aerie, 'usr_a', 'usr_b'),
    line: { status: 503 },
  },
  'kept_bytes:caller': {
    on: 'limited',
    act: (aerie) => listenToLongNames(aerie, ['usr_a', 'usr_a']),
    line: { status: 429 },
  },
  'kept_bytes:instance': {
    on: 'limited',
    act: (aerie) => listenToLongNames(aerie, ['usr_a', 'usr_b']),
    line: { status: 503 },
  },
  stopping: {
    act: async () => {
      const aerie = await startAerie({ environment: { MCP_SESSIONS: 'on' } });
      aerie.application.get(SessionRegistry).beforeApplicationShutdown();
      await send(aerie, initialize());
      await aerie.close();
    },
    line: { status: 503 },
  },
  malformed_request: { act: (aerie) => sendRaw(aerie, 'Host: user@localhost'), line: { status: 400 } },
  wrong_host: {
    act: (aerie) => sendRaw(aerie, 'Host: evil.example'),
    line: { status: 403 },
  },
  wrong_origin: {
    act: (aerie) => send(aerie, LIST, { origin: 'https://evil.example' }),
    line: { status: 403 },
  },
  method_not_allowed: {
    act: async (aerie) =>
      fetch(aerie.url, { method: 'PUT', headers: { authorization: `Bearer ${await aerie.token()}` } }),
    line: { status: 405 },
  },
  not_acceptable: { act: (aerie) => send(aerie, LIST, { accept: 'text/html' }), line: { status: 406 } },
  unsupported_media_type: {
    act: (aerie) => send(aerie, LIST, { 'content-type': 'text/plain' }),
    line: { status: 415 },
  },
  body_too_large: { act: (aerie) => send(aerie, 'x'.repeat(10_000)), line: { status: 413 } },
  body_unreadable: { act: (aerie) => send(aerie, LIST, { 'x-consume': 'yes' }), line: { status: 400 } },
  nested_too_deeply: { act: (aerie) => send(aerie, '['.repeat(65) + ']'.repeat(65)), line: { status: 400 } },
  metadata_too_large: {
    act: (aerie) =>
      send(aerie, message({ method: 'ping', params: { _meta: { a: '0'.repeat(1_001).split('') } } })),
    line: { status: 400 },
  },
  invalid_json: { act: (aerie) => send(aerie, '{'), line: { status: 400 } },
  invalid_message: { act: (aerie) => send(aerie, { hello: 1 }), line: { status: 400 } },
  invalid_batch: { act: (aerie) => send(aerie, []), line: { status: 400 } },
  duplicate_id: { act: (aerie) => send(aerie, [LIST, LIST]), line: { status: 400 } },
  unsupported_revision: {
    act: (aerie) => sessionPost(aerie, LIST, { 'mcp-protocol-version': '1999-01-01' }),
    line: { status: 400 },
  },
  header_mismatch: {
    act: async (aerie) =>
      postModern(aerie.url, await aerie.token(), toolCall('regional', { region: 'eu' }), {
        'mcp-param-region': 'us',
      }),
    line: { status: 400, tool: 'regional' },
  },
  invalid_selection: {
    act: (aerie) => send(aerie, LIST, { 'aerie-tool-groups': 'no_such_group' }),
    line: { status: 400 },
  },
  invalid_params: {
    act: (aerie) => send(aerie, LIST, { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/list' }),
    line: { status: 400 },
  },
  missing_capability: {
    act: async (aerie) => postModern(aerie.url, await aerie.token(), toolCall('asking')),
    line: { status: 400 },
  },
  unknown_method: {
    act: async (aerie) => postModern(aerie.url, await aerie.token(), { method: 'no/such' }),
    line: { status: 404 },
  },
  unknown_target: {
    act: (aerie) => call(aerie, 'no_such_tool'),
    line: { msg: 'request', status: 200 },
  },
  hidden_target: {
    act: (aerie) => call(aerie, 'hidden'),
    line: { msg: 'request', status: 200, tool: 'hidden' },
  },
  unknown_session: { act: (aerie) => send(aerie, LIST, { 'mcp-session-id': 'none' }), line: { status: 404 } },
  missing_session: {
    act: async (aerie) =>
      fetch(aerie.url, {
        headers: { authorization: `Bearer ${await aerie.token()}`, accept: 'text/event-stream' },
      }),
    line: { status: 400 },
  },
  session_open: { act: (aerie) => sessionPost(aerie, initialize()), line: { status: 400 } },
  unknown_event: {
    act: async (aerie) => (await openSession(aerie.url, await aerie.token())).get('none'),
    line: { status: 400 },
  },
  invalid_input: { act: (aerie) => call(aerie, 'told', { n: 'x' }), line: { msg: 'call', tool: 'told' } },
  not_found: {
    act: (aerie) => send(aerie, message({ method: 'resources/read', params: { uri: 'gone://x' } })),
    line: { msg: 'call', resource: 'gone' },
  },
  tool_error: { act: (aerie) => call(aerie, 'told'), line: { msg: 'call', tool: 'told', outcome: 'failed' } },
  'database:unreachable': outage('database:unreachable'),
  'database:connections': outage('database:connections'),
  'database:disk_full': outage('database:disk_full'),
  'database:read_only': outage('database:read_only'),
  'upstream:unreachable': outage('upstream:unreachable'),
  'upstream:credentials': outage('upstream:credentials'),
  wrong_state: {
    act: async (aerie) => {
      const round = async (user: string, params: object = {}): Promise<Response> =>
        postModern(aerie.url, await aerie.token({ user }), {
          method: 'tools/call',
          params: { name: 'asking', _meta: ASKS, ...params },
        });
      const { result } = (await (await round('alice')).json()) as { result: { requestState: string } };
      return round('bob', { requestState: result.requestState, inputResponses: {} });
    },
    line: { msg: 'call', tool: 'asking', outcome: 'denied' },
  },
  cannot_ask: { act: (aerie) => call(aerie, 'asking'), line: { msg: 'call', tool: 'asking' } },
  timeout: { act: (aerie) => call(aerie, 'slow'), line: { msg: 'call', tool: 'slow' } },
  cancelled: {
    act: async (aerie) => {
      const controller = new AbortController();
      const token = await aerie.token();
      const called = postModern(aerie.url, token, toolCall('patient'), {}, controller.signal);
      setTimeout(() => controller.abort(), 200);
      await called.catch(() => undefined);
    },
    line: { msg: 'call', tool: 'patient' },
  },
  result_too_large: { act: (aerie) => call(aerie, 'huge'), line: { msg: 'call', tool: 'huge' } },
  unexpected: {
    act: (aerie) => call(aerie, 'broken'),
    line: { msg: 'call', tool: 'broken', level: 50, error: expect.stringContaining('TypeError: broken') },
  },
};

async function sessionPost(aerie: Aerie, body: object, headers = {}): Promise<Response> {
  const { url, token, id } = await openSession(aerie.url, await aerie.token());
  return post(url, token, body, { 'mcp-session-id': id, ...headers });
}

/** Sends the first byte of large bodies, one by one, until the last is refused. */
async function sendHalves(aerie: Aerie, subjects: readonly string[]): Promise<void> {
  const { hostname, port, host } = new URL(aerie.url);
  const admission = aerie.application.get(Admission);
  const sockets = subjects.map(() => createConnection(Number(port), hostname));
  for (const [index, socket] of sockets.entries()) {
    const token = await aerie.token({ claims: { sub: subjects[index] } });
    const held = admission.heldBytes;
    const head = [
      'POST /mcp HTTP/1.1',
      `Host: ${host}`,
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      'Content-Length: 60000',
    ];
    socket.write([...head, '', '{'].join('\r\n'));
    if (socket === sockets.at(-1)) await once(socket, 'data');
    else await until(() => admission.heldBytes > held);
  }
  for (const socket of sockets) socket.destroy();
  await until(() => admission.heldBytes === 0);
}

async function listenToLongNames(aerie: Aerie, subjects: readonly string[]): Promise<void> {
  const streams: Listener[] = [];
  for (const sub of subjects) {
    const filter = { resourceSubscriptions: [`page://${'x'.repeat(4_000)}`] };
    const token = await aerie.token({ claims: { sub } });
    await Listener.open(aerie.url, token, filter).then(
      (stream) => streams.push(stream),
      () => {},
    );
  }
  for (const stream of streams) stream.vanish();
  await until(() => aerie.application.get(Listeners).size === 0);
}

async function listenAfter(aerie: Aerie, first: string, second: string): Promise<void> {
  const [one, other] = [
    await aerie.token({ claims: { sub: first } }),
    await aerie.token({ claims: { sub: second } }),
  ];
  const listener = await Listener.open(aerie.url, one, { toolsListChanged: true });
  await Listener.open(aerie.url, other, { toolsListChanged: true }).catch(() => undefined);
  listener.vanish();
  await until(() => aerie.application.get(Listeners).size === 0);
}

describe('the reason in the log', () => {
  const servers = new Map<Case['on'], Aerie>();
  let blind: string;
  beforeAll(async () => {
    const modules = [FailingOffersModule];
    const usual = {
      MCP_SESSIONS: 'on',
      AUTH_MODE: 'scalekit,jwt',
      JWT_PUBLIC_KEY: OWN.pem,
      JWT_ISSUER: ISSUER,
    };
    const environment = { ...usual, BODY_LIMIT: '8kb', RESULT_LIMIT: '2kb' };
    servers.set(undefined, await startAerie({ modules, environment }));
    const limits = {
      RATE_LIMIT_CALLER: '50/s',
      RATE_LIMIT_ORGANIZATION: '45/s',
      RATE_LIMIT_INVALID_TOKENS: '1/min',
      MAX_CALLS_IN_FLIGHT: '65',
      MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: '60',
      MAX_CALLS_IN_FLIGHT_PER_CALLER: '55',
      MAX_STUCK_PERCENT_PER_TOOL: '1',
      MAX_BODY_BYTES: '150kb',
      MAX_BODY_BYTES_PER_CALLER: '100kb',
      MAX_KEPT_BYTES: '12kb',
      MAX_KEPT_BYTES_PER_CALLER: '10kb',
    };
    servers.set('limited', await startAerie({ modules, environment: limits }));
    const places = {
      MCP_SESSIONS: 'on',
      MAX_SESSIONS: '1',
      MAX_SESSIONS_PER_CALLER: '1',
      MAX_LISTENERS: '1',
      MAX_LISTENERS_PER_CALLER: '1',
    };
    servers.set('crowded', await startAerie({ environment: places }));
    blind = mkdtempSync(join(tmpdir(), 'aerie-blind-'));
    writeFileSync(join(blind, 'revocations.json'), 'not JSON');
    servers.set('unaudited', await startAerie({ observers: [{ refusesCalls: true }] }));
    servers.set('blind', await startAerie({ environment: { STATE_DIRECTORY: blind } }));
  });
  afterAll(async () => {
    for (const server of servers.values()) await server.close();
    rmSync(blind, { recursive: true });
  });

  const lineWith = async (logs: readonly string[], from: number, reason: string): Promise<Line> => {
    let found: Line | undefined;
    await until(() => {
      const lines = logs.slice(from).map((line) => JSON.parse(line) as Line);
      found = lines.find((line) => line.reason === reason);
      return found !== undefined;
    });
    if (!found) throw new Error(`No line has the reason ${reason}.`);
    return found;
  };
  const serverOf = (on: Case['on']): Aerie => {
    const server = servers.get(on);
    if (!server) throw new Error('There is no such server.');
    return server;
  };

  it.each(REASONS)('is %s', async (reason) => {
    const { act, line, on } = CASES[reason];
    const aerie = serverOf(on);
    const from = aerie.logs.length;
    const answered = await act(aerie);
    if (answered instanceof Response) await answered.text();
    expect(await lineWith(aerie.logs, from, reason)).toMatchObject({ ...line });
  });

  it('is the status of NestJS’s exception, or of a response without another reason', async () => {
    const aerie = serverOf(undefined);
    const from = aerie.logs.length;
    await (await call(aerie, 'conflict')).text();
    expect(await lineWith(aerie.logs, from, 'http_409')).toMatchObject({ msg: 'call', tool: 'conflict' });
    await (await fetch(`${aerie.origin}/nowhere`)).text();
    expect(await lineWith(aerie.logs, from, 'http_404')).toMatchObject({ msg: 'request', status: 404 });
  });

  describe.each([
    ['without a session', async () => ({})],
    [
      'in a session',
      async (aerie: Aerie) => ({ 'mcp-session-id': (await openSession(aerie.url, await aerie.token())).id }),
    ],
  ])('of an error with status 200, %s', (_where, headersOf) => {
    it.each([
      ['invalid_params', { method: 'tools/call', params: { name: 'told', arguments: 1 } }],
      ['invalid_params', { method: 'tools/list', params: { cursor: 'none' } }],
      ['unknown_method', { method: 'no/such' }],
      ['unknown_target', toolCall('no_such_tool')],
    ])('is %s: %j', async (reason, sent) => {
      const aerie = serverOf(undefined);
      const headers = await headersOf(aerie);
      const from = aerie.logs.length;
      const response = await send(aerie, message(sent), headers);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('"error"');
      expect(await lineWith(aerie.logs, from, reason)).toMatchObject({ msg: 'request', status: 200 });
    });
  });

  it.each([
    ['contradicts the method', { 'mcp-method': 'tools/list' }],
    ['contradicts the name', { 'mcp-name': 'other' }],
    ['contradicts the revision', { 'mcp-protocol-version': '2025-11-25' }],
  ])('is header_mismatch when a header %s', async (_what, headers) => {
    const aerie = serverOf(undefined);
    const from = aerie.logs.length;
    await (await postModern(aerie.url, await aerie.token(), toolCall('told'), headers)).text();
    expect(await lineWith(aerie.logs, from, 'header_mismatch')).toMatchObject({ status: 400, tool: 'told' });
  });

  it('never names an unknown tool, and a hidden one only if that is the reason', async () => {
    const aerie = serverOf('limited');
    const from = aerie.logs.length;
    await send(aerie, [...batch(50, 'hidden'), message(toolCall('no_such_tool', {}, 99))]);
    const line = await lineWith(aerie.logs, from, 'rate_limited:caller');
    expect(line).not.toHaveProperty('tool');
    expect(JSON.stringify(line)).not.toMatch(/hidden|no_such_tool/);
  });
});
