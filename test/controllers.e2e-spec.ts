import { HttpException } from '@nestjs/common';

import { httpMessagesOf } from '../src/mcp/failures/http-messages.js';
import { AerieTest, type TestCaller, type TestCallResult } from '../src/testing/index.js';
import { generated, seeded } from './support/shop/generated.js';
import { fetchRest, REST, type RestRequest, textOf } from './support/shop/rest.js';
import { prepareShop, ShopModule } from './support/shop/shop.module.js';

const CALLERS: readonly TestCaller[] = [
  { subject: 'alice', organization: 'acme' },
  { subject: 'bob', organization: 'acme', roles: ['admin'] },
  { subject: 'carol', organization: 'globex', roles: ['viewer'] },
  { subject: 'dave' },
  { subject: 'eve', organization: 'globex', roles: ['viewer', 'admin'] },
];

/** Generated requests; each is made by all callers, over REST and over MCP. */
const REQUESTS = Number(process.env['GENERATED_REQUESTS'] ?? 150);

describe('controllers as tools', () => {
  let shop: AerieTest;
  beforeAll(async () => {
    shop = await AerieTest.create(
      { imports: [ShopModule] },
      { prepare: prepareShop, requestUser: ({ subject, roles }) => ({ name: subject, roles }) },
    ).compile();
    shop.application.useLogger(false);
  });
  afterAll(() => shop.close());

  it('gives every caller the verdict, the status class and the body of REST', async () => {
    const random = seeded(17);
    const callers = await Promise.all(
      CALLERS.map(async (caller) => ({ client: shop.as(caller), token: await shop.token(caller) })),
    );
    const tools = (await shop.as({}).listTools()).filter(({ name }) => name in REST);
    expect(tools.map(({ name }) => name)).toEqual(Object.keys(REST).toSorted());
    const classes: Record<string, number> = {};
    for (let index = 0; index < REQUESTS; index++) {
      const tool = tools[index % tools.length];
      const rest = tool && REST[tool.name];
      if (!rest) throw new Error('There is a route for each tool.');
      const given = generated(tool.inputSchema, random);
      if (!existsOverRest(rest(given))) continue;
      await Promise.all(
        callers.map(async ({ client, token }) => {
          const response = await fetchRest(shop.fetch, shop.url, token, rest(given));
          const result = await client.callTool(tool.name, given);
          const what = `${tool.name} ${JSON.stringify(given)}`;
          expect({ what, ...outcomeOf(result) }).toEqual({ what, ...(await expectedOf(response)) });
          const group = `${Math.floor(response.status / 100)}xx`;
          classes[group] = (classes[group] ?? 0) + 1;
        }),
      );
    }
    expect(Object.keys(classes).toSorted()).toEqual(['2xx', '3xx', '4xx', '5xx']);
  });
});

/** Whether HTTP can carry a request: each part of its path has a value, and headers have bytes only. */
function existsOverRest({ path, headers = {} }: RestRequest): boolean {
  const isLatin = Object.values(headers).every(
    (value) => typeof value !== 'object' && !/[^\0-\xff]/.test(textOf(value)),
  );
  return isLatin && !path.split('/').includes('');
}

/** Outcome of a call, without what only MCP has. */
function outcomeOf({ isError = false, content }: TestCallResult): object {
  const [block] = content;
  if (block?.type === 'resource') {
    return { isError, body: 'blob' in block.resource ? block.resource.blob : block.resource.text };
  }
  const text = block?.type === 'text' ? block.text : '';
  return { isError, body: text.replace(/ Correlation id: .*/, '') };
}

/** Outcome of a call whose route answers REST in this way. */
async function expectedOf(response: Response): Promise<object> {
  const { status, headers } = response;
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString();
  const isJson = headers.get('content-type')?.includes('json') === true;
  if (status >= 500) return { isError: true, body: 'The tool failed unexpectedly.' };
  if (status >= 400) {
    const body: Record<string, unknown> | string = isJson ? JSON.parse(text) : text;
    return { isError: true, body: httpMessagesOf(new HttpException(body, status)) };
  }
  if (status >= 300) return { isError: false, body: `${status} Found: ${headers.get('location')}` };
  if (status === 204) return { isError: false, body: 'Done: 204 No Content.' };
  return {
    isError: false,
    body: isJson || headers.get('content-type')?.startsWith('text/') ? text : bytes.toString('base64'),
  };
}
