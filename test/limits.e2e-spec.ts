import { Injectable, Module, type Type } from '@nestjs/common';
import { z } from 'zod';

import { McpPrompt, McpResource, McpTool } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { CLIENTS, connectWithToken } from './support/clients.js';
import { ERAS, message, post, postModern, toolCall } from './support/rpc.js';

const OFF = { RATE_LIMIT_CALLER: 'off', RATE_LIMIT_ORGANIZATION: 'off', RATE_LIMIT_TOOL: 'off' };
const LIST = message({ method: 'tools/list' });
const CANCELLATION = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
const ran: string[] = [];

@Injectable()
class Limited {
  @McpTool({ name: 'cheap', scopes: 'authenticated', description: 'Costs one.' })
  cheap(): string {
    ran.push('cheap');
    return 'done';
  }

  @McpTool({ name: 'dear', scopes: 'authenticated', description: 'Costs five.', cost: 5 })
  dear(): string {
    ran.push('dear');
    return 'done';
  }

  @McpTool({ name: 'rare', scopes: 'authenticated', description: 'Twice an hour.', rateLimit: '2/h' })
  rare(): string {
    ran.push('rare');
    return 'done';
  }

  @McpTool({ name: 'secret', description: 'For admins.', scopes: ['admin'], cost: 5 })
  secret(): string {
    return 'done';
  }

  @McpResource({
    name: 'page',
    uri: 'page://{id}',
    scopes: 'authenticated',
    rateLimit: '6/h',
    cost: 3,
    complete: { id: 'ids' },
  })
  page({ id }: { id: string }): string {
    ran.push(`page ${id}`);
    return id;
  }

  ids(): string[] {
    return ['1'];
  }

  @McpPrompt({ name: 'page', scopes: 'authenticated', cost: 4 })
  prompt(): string {
    return 'done';
  }

  @McpTool({
    name: 'echo',
    scopes: 'authenticated',
    description: 'Says it again.',
    input: z.object({ text: z.string() }),
  })
  echo({ text }: { text: string }): string {
    return text;
  }
}

@Module({ providers: [Limited] })
class LimitedModule {}

interface Refusal {
  readonly jsonrpc: string;
  readonly id: unknown;
  readonly error: { code: number; message: string; data: { limit: string; retryAfter: number } };
}

const rateLimit = (response: Response): (number | null)[] =>
  ['limit', 'remaining', 'reset'].map((name) => {
    const value = response.headers.get(`ratelimit-${name}`);
    return value === null ? null : Number(value);
  });

describe('limits on calls', () => {
  let aerie: Aerie;
  const start = async (
    environment: NodeJS.ProcessEnv,
    modules: Type[] = [LimitedModule],
  ): Promise<(user: string, claims?: Record<string, unknown>) => Promise<string>> => {
    aerie = await startAerie({ environment: { ...OFF, ...environment }, modules });
    return (user, claims) => aerie.token({ user, claims });
  };
  const call = (token: string, ...names: string[]): Promise<Response> => {
    const messages = names.map((name, id) => message(toolCall(name, {}, id + 1)));
    return post(aerie.url, token, messages.length === 1 ? messages[0] : messages);
  };
  const statuses = async (token: string, name: string, times: number): Promise<number[]> => {
    const all: number[] = [];
    for (let i = 0; i < times; i++) all.push((await call(token, name)).status);
    return all;
  };
  beforeEach(() => {
    ran.length = 0;
  });
  afterEach(() => aerie.close());

  describe('each caller', () => {
    it('has its own budget, which every method uses', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '3/min' });
      const alice = await as('alice');
      expect((await post(aerie.url, alice, LIST)).status).toBe(200);
      expect(await statuses(alice, 'cheap', 3)).toEqual([200, 200, 429]);
      expect((await post(aerie.url, alice, LIST)).status).toBe(429);
      expect((await call(await as('carol'), 'cheap')).status).toBe(200);
      expect((await call(await as('alice', { client_id: 'skc_2' }), 'cheap')).status).toBe(429);
    });

    it('keeps it with another token', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '1/min' });
      expect((await call(await as('alice'), 'cheap')).status).toBe(200);
      expect((await call(await as('alice', { jti: 'another' }), 'cheap')).status).toBe(429);
    });

    it('gets a new budget at the announced end of the window', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '1/s' });
      const alice = await as('alice');
      await call(alice, 'cheap');
      const refused = await call(alice, 'cheap');
      expect(refused.status).toBe(429);
      await new Promise((resolve) => setTimeout(resolve, Number(refused.headers.get('retry-after')) * 1_000));
      expect((await call(alice, 'cheap')).status).toBe(200);
    });
  });

  describe('an organization', () => {
    it('has one budget for all its callers, separate from other organizations', async () => {
      const as = await start({ RATE_LIMIT_ORGANIZATION: '3/min' });
      expect(await statuses(await as('alice'), 'cheap', 2)).toEqual([200, 200]);
      const carol = await as('carol');
      expect(await statuses(carol, 'cheap', 1)).toEqual([200]);
      const refused = await call(carol, 'cheap');
      expect(refused.status).toBe(429);
      expect(((await refused.json()) as Refusal).error).toMatchObject({
        message: expect.stringMatching(/^The limit of 3 calls per minute for each organization is reached\./),
        data: { limit: 'organization' },
      });
      expect((await call(await as('bob'), 'cheap')).status).toBe(200);
    });

    it('is not charged for calls beyond a caller’s own limit', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '2/min', RATE_LIMIT_ORGANIZATION: '4/min' });
      expect(await statuses(await as('alice'), 'cheap', 20)).toEqual([200, 200, ...Array(18).fill(429)]);
      expect(await statuses(await as('carol'), 'cheap', 2)).toEqual([200, 200]);
    });

    it('does not apply to callers without an organization', async () => {
      const as = await start({ RATE_LIMIT_ORGANIZATION: '1/min' });
      const outsider = await as('alice', { oid: undefined });
      expect(await statuses(outsider, 'cheap', 3)).toEqual([200, 200, 200]);
    });
  });

  describe('a tool', () => {
    it('has a budget for each caller', async () => {
      const as = await start({ RATE_LIMIT_TOOL: '2/min' });
      const alice = await as('alice');
      expect(await statuses(alice, 'cheap', 3)).toEqual([200, 200, 429]);
      expect((await call(alice, 'echo')).status).toBe(200);
      expect((await post(aerie.url, alice, LIST)).status).toBe(200);
      expect((await call(await as('carol'), 'cheap')).status).toBe(200);
    });

    it('can set its own limit without a default', async () => {
      const as = await start({});
      const alice = await as('alice');
      expect(await statuses(alice, 'rare', 3)).toEqual([200, 200, 429]);
      const { error } = (await (await call(alice, 'rare')).json()) as Refusal;
      expect(error.message).toMatch(/^The limit of 2 calls per hour for each caller of the tool rare is/);
      expect(error.data.limit).toBe('tool');
      expect((await call(alice, 'cheap')).headers.has('ratelimit-limit')).toBe(false);
    });

    it('can set its own limit instead of the default', async () => {
      const as = await start({ RATE_LIMIT_TOOL: '1/min' });
      expect(await statuses(await as('alice'), 'rare', 3)).toEqual([200, 200, 429]);
    });

    it('can cost more than one call', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '11/min' });
      const alice = await as('alice');
      expect(rateLimit(await call(alice, 'dear')).slice(0, 2)).toEqual([11, 6]);
      expect(await statuses(alice, 'dear', 2)).toEqual([200, 429]);
    });

    it('that is unknown costs one, and has no budget', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '5/min', RATE_LIMIT_TOOL: '1/min' });
      const response = await call(await as('alice'), 'nothing');
      expect(rateLimit(response).slice(0, 2)).toEqual([5, 4]);
    });

    it('costs one if a scope is missing', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '5/min' });
      const alice = await as('alice');
      expect(await statuses(alice, 'secret', 3)).toEqual([403, 403, 403]);
      expect(await statuses(alice, 'cheap', 2)).toEqual([200, 200]);
    });
  });

  describe('a resource or prompt', () => {
    const read = (token: string, id: string): Promise<Response> =>
      post(aerie.url, token, message({ method: 'resources/read', params: { uri: `page://${id}` } }));

    it('has its own rate and cost, which all URIs of a template share', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '50/min', RATE_LIMIT_TOOL: '1/min' });
      const alice = await as('alice');
      expect(rateLimit(await read(alice, '1')).slice(0, 2)).toEqual([6, 3]);
      expect((await read(alice, '2')).status).toBe(200);
      const refused = await read(alice, '3');
      expect(refused.status).toBe(429);
      expect(((await refused.json()) as Refusal).error).toMatchObject({
        message: expect.stringMatching(
          /^The limit of 6 calls per hour for each caller of the resource page is reached\./,
        ) as unknown,
        data: { limit: 'resource' },
      });
      expect(ran).toEqual(['page 1', 'page 2']);
      expect((await read(await as('carol'), '3')).status).toBe(200);
    });

    it('costs one call for a completion of its variables', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '50/min' });
      const alice = await as('alice');
      const ref = { type: 'ref/resource', uri: 'page://{id}' };
      const params = { ref, argument: { name: 'id', value: '' } };
      const response = await post(aerie.url, alice, message({ method: 'completion/complete', params }));
      expect(rateLimit(response).slice(0, 2)).toEqual([50, 49]);
    });

    it('has no budget without a rate of its own, but counts as its cost in the others', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '50/min', RATE_LIMIT_TOOL: '1/min' });
      const alice = await as('alice');
      const get = (): Promise<Response> =>
        post(aerie.url, alice, message({ method: 'prompts/get', params: { name: 'page' } }));
      expect(rateLimit(await get()).slice(0, 2)).toEqual([50, 46]);
      expect(rateLimit(await get()).slice(0, 2)).toEqual([50, 42]);
    });
  });

  describe('a batch', () => {
    it('counts each of its messages', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '20/min' });
      const response = await call(await as('alice'), 'cheap', 'dear', 'dear');
      expect(response.status).toBe(200);
      expect(rateLimit(response).slice(0, 2)).toEqual([20, 9]);
    });

    it('is rejected before anything runs if one of its calls exceeds a limit', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '20/min' });
      const alice = await as('alice');
      await call(alice, 'rare', 'rare');
      ran.length = 0;
      const response = await call(alice, 'cheap', 'rare', 'dear');
      expect(response.status).toBe(429);
      expect(ran).toEqual([]);
      expect(await response.json()).toMatchObject({ id: null, error: { data: { limit: 'tool' } } });
      // The request itself costs one. Limits that did not reject it are unchanged.
      expect(rateLimit(await call(alice, 'cheap')).slice(0, 2)).toEqual([20, 16]);
    });

    it('gets an error if it can never fit a limit', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '6/min' });
      const response = await call(await as('alice'), 'cheap', 'dear', 'cheap');
      expect(response.status).toBe(429);
      expect(response.headers.has('retry-after')).toBe(false);
      expect(((await response.json()) as Refusal).error).toMatchObject({
        message:
          'This request costs 7, more than the limit of 6 calls per minute for each caller, so waiting does not help. Send fewer messages at once, or ask the operator for a higher limit.',
        data: { limit: 'caller' },
      });
      expect(ran).toEqual([]);
    });
  });

  describe.each(ERAS)('the answer, MCP %s', (_era, send) => {
    it('has the remaining calls of the tightest budget', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '9/min', RATE_LIMIT_TOOL: '5/h' });
      const alice = await as('alice');
      const [limit, remaining, reset] = rateLimit(await send(aerie.url, alice, toolCall('cheap')));
      expect([limit, remaining]).toEqual([5, 4]);
      expect(reset).toBeGreaterThan(3_500);
      expect(rateLimit(await send(aerie.url, alice, { method: 'tools/list' })).slice(0, 2)).toEqual([9, 7]);
    });

    it('names the limit and the time to wait, before the request is read', async () => {
      const as = await start({ RATE_LIMIT_CALLER: '1/min' });
      const alice = await as('alice');
      expect((await send(aerie.url, alice, toolCall('cheap'))).status).toBe(200);
      const response = await send(aerie.url, alice, toolCall('cheap', {}, 'the-id'));
      expect(response.status).toBe(429);
      const seconds = Number(response.headers.get('retry-after'));
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(rateLimit(response)).toEqual([1, 0, seconds]);
      expect(await response.json()).toEqual({
        jsonrpc: '2.0',
        id: null,
        error: {
          code: -32_000,
          message: `The limit of 1 call per minute for each caller is reached. Try again in ${seconds} s.`,
          data: { limit: 'caller', retryAfter: seconds },
        },
      });
      expect(ran).toEqual(['cheap']);
    });
  });

  it('has the request’s id if only the tool’s limit is exceeded', async () => {
    const as = await start({ RATE_LIMIT_TOOL: '1/min' });
    const alice = await as('alice');
    await call(alice, 'cheap');
    const response = await post(aerie.url, alice, message(toolCall('cheap', {}, 'the-id')));
    expect(await response.json()).toMatchObject({ id: 'the-id', error: { data: { limit: 'tool' } } });
  });

  it.each<[number, (token: string) => Promise<Response>]>([
    [400, (token) => post(aerie.url, token, '{')],
    [400, (token) => post(aerie.url, token, [])],
    [403, (token) => call(token, 'secret')],
    [405, (token) => fetch(aerie.url, { headers: { authorization: `Bearer ${token}` } })],
    [406, (token) => post(aerie.url, token, LIST, { accept: 'text/html' })],
    [413, (token) => post(aerie.url, token, 'x'.repeat(1024 ** 2 + 1))],
    [415, (token) => post(aerie.url, token, LIST, { 'content-type': 'text/plain' })],
    [202, (token) => post(aerie.url, token, [CANCELLATION])],
    [202, (token) => post(aerie.url, token, CANCELLATION)],
  ])('a request that is answered with %i is not free', async (status, send) => {
    const as = await start({ RATE_LIMIT_CALLER: '3/min' });
    const alice = await as('alice');
    const answered: number[] = [];
    for (let count = 0; count < 4; count++) answered.push((await send(alice)).status);
    expect(answered).toEqual([status, status, status, 429]);
  });

  it.each(CLIENTS)('shows the message in the official client %s', async (...client) => {
    const as = await start({});
    const mcp = await connectWithToken(client, aerie.url, await as('alice'));
    const rare = (): Promise<unknown> => mcp.callTool({ name: 'rare', arguments: {} });
    await rare();
    await rare();
    await expect(rare()).rejects.toThrow(/The limit of 2 calls per hour for each caller of the tool rare/);
    await mcp.close();
  });

  it('exposes the headers to web pages', async () => {
    const as = await start({ RATE_LIMIT_CALLER: '1/min' });
    const response = await post(aerie.url, await as('alice'), LIST, { origin: aerie.origin });
    expect(response.headers.get('access-control-expose-headers')).toMatch(/Retry-After,RateLimit-Limit/);
  });

  it('sends no headers without limits', async () => {
    const as = await start({});
    const response = await postModern(aerie.url, await as('alice'), toolCall('cheap'));
    expect(response.status).toBe(200);
    expect(rateLimit(response)).toEqual([null, null, null]);
  });

  it('does not limit health and metadata', async () => {
    const as = await start({ RATE_LIMIT_CALLER: '1/min' });
    const alice = await as('alice');
    expect(await statuses(alice, 'cheap', 2)).toEqual([200, 429]);
    for (const path of [
      '/health',
      '/health/live',
      '/health/ready',
      '/.well-known/oauth-protected-resource/mcp',
    ]) {
      for (let i = 0; i < 5; i++) {
        const response = await fetch(aerie.origin + path, { headers: { authorization: `Bearer ${alice}` } });
        expect(response.status).toBe(200);
        expect(response.headers.has('ratelimit-limit')).toBe(false);
      }
    }
  });
});
