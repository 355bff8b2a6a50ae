import { type Aerie, type AerieOptions, startAerie } from './aerie.js';
import { message, post, postLegacy, postModern, type RpcRequest } from './rpc.js';
import { EventReader, initialize, openSession } from './sessions.js';

/** Response to a JSON-RPC request on any transport. */
export interface RpcAnswer {
  readonly id?: unknown;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** Sends one request and waits for its answer. */
export type Ask = (request: RpcRequest) => Promise<RpcAnswer>;

/** Transport of requests to a server with sessions and HTTP+SSE enabled. */
export interface Way {
  readonly name: string;
  readonly era: 'modern' | 'legacy';
  readonly open: (url: string, token: string) => Promise<Ask>;
}

/** Reads the answer from a JSON response or an event stream. */
async function answerIn(response: Response): Promise<RpcAnswer> {
  if (response.headers.get('content-type')?.includes('json')) return (await response.json()) as RpcAnswer;
  return answerOn(new EventReader(response));
}

const answerOn = async (stream: EventReader): Promise<RpcAnswer> =>
  (await stream.until((event) => event.message !== undefined)).message as RpcAnswer;

async function sse2024(url: string, token: string): Promise<Ask> {
  const response = await fetch(`${url}/sse`, { headers: { authorization: `Bearer ${token}` } });
  const stream = new EventReader(response);
  const messages = new URL((await stream.next())?.data ?? '', url).href;
  await post(messages, token, initialize('2024-11-05'));
  await stream.next();
  await post(messages, token, { jsonrpc: '2.0', method: 'notifications/initialized' });
  return async (request) => {
    const sent = await post(messages, token, message(request));
    if (sent.status !== 202) return answerIn(sent);
    return answerOn(stream);
  };
}

export const WAYS: readonly Way[] = [
  {
    name: '2026-07-28',
    era: 'modern',
    open: async (url, token) => async (request) => {
      const { uri } = request.params ?? {};
      const target: Record<string, string> = typeof uri === 'string' ? { 'mcp-name': uri } : {};
      return answerIn(await postModern(url, token, request, target));
    },
  },
  {
    name: '2026-07-28, the way through the SDK',
    era: 'modern',
    open: async (url, token) => async (request) => {
      const { name, uri } = request.params ?? {};
      const target = typeof name === 'string' ? name : uri;
      const encoded =
        typeof target === 'string' ? `=?base64?${Buffer.from(target).toString('base64')}?=` : '';
      return answerIn(await postModern(url, token, request, encoded === '' ? {} : { 'mcp-name': encoded }));
    },
  },
  {
    name: '2025-11-25',
    era: 'legacy',
    open: async (url, token) => async (request) => answerIn(await postLegacy(url, token, request)),
  },
  {
    name: '2025-03-26, in a batch',
    era: 'legacy',
    open: async (url, token) => async (request) => {
      const response = await post(url, token, [message(request)]);
      const answer = (await response.json()) as RpcAnswer | [RpcAnswer];
      return Array.isArray(answer) ? answer[0] : answer;
    },
  },
  {
    name: '2025-11-25, in a session',
    era: 'legacy',
    open: async (url, token) => {
      const session = await openSession(url, token);
      return async (request) => answerIn(await session.post(message(request)));
    },
  },
  { name: '2024-11-05', era: 'legacy', open: sse2024 },
];

/** Starts a server with these modules for the enclosing `describe`, and sends requests on one transport. */
export function serveAndAsk({ open }: Way, modules: NonNullable<AerieOptions['modules']>): Ask {
  let aerie: Aerie;
  let ask: Ask;
  beforeAll(async () => {
    const environment = { MCP_SESSIONS: 'on', MCP_SSE: 'on', INSTANCE_NAME: 'here' };
    aerie = await startAerie({ modules, environment });
    ask = await open(aerie.url, await aerie.token());
  });
  afterAll(() => aerie.close());
  return (request) => ask(request);
}
