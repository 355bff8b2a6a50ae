import { HttpException, type INestApplication, ValidationPipe } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

import { httpMessagesOf } from '../src/mcp/failures/http-messages.js';
import { AerieTest, type TestCaller, type TestCallResult } from '../src/testing/index.js';
import { CatsModule } from './support/shop/cats.module.js';
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

  it('give every caller the verdict, the status class and the body of REST', async () => {
    expect(await compared(shop, REST, REQUESTS)).toEqual(['2xx', '3xx', '4xx', '5xx']);
  });

  it('describe the next page of a response with Link', async () => {
    const { text } = await shop.as({}).callTool('page_of_values', { limit: 3 });
    expect(text).toContain(
      'Pages, as arguments to change in the next call of page_of_values: next: {"limit":4}',
    );
  });

  it('have structured content if the response type is declared', async () => {
    const { structuredContent } = await shop.as({}).callTool('get_order', { id: '5' });
    expect(structuredContent).toEqual({ id: '5', parts: [{ id: '5.1', note: 'part' }], note: null });
  });

  it('have the schemas that decorators of @nestjs/swagger contain', async () => {
    const tools = await shop.as({}).listTools();
    const inputOf = (name: string): unknown => tools.find((tool) => tool.name === name)?.inputSchema;
    expect(inputOf('orders_on_shelf')).toEqual({
      type: 'object',
      properties: {
        offset: { type: 'integer', minimum: 0, default: 0, description: 'First order.' },
        shelf: { type: 'string', enum: ['old', 'new'] },
      },
      required: ['shelf'],
    });
    const line = {
      type: 'object',
      properties: { article: { type: 'string' }, count: { type: 'integer', minimum: 1 } },
      required: ['article', 'count'],
    };
    const note = { type: ['string', 'null'], description: 'Note for the packer.' };
    expect(inputOf('add_line')).toEqual({ type: 'object', properties: { line, note }, required: ['line'] });
    const labels = { type: 'array', items: { type: 'string' } };
    expect(inputOf('add_labels')).toEqual({ type: 'object', properties: { labels }, required: ['labels'] });
  });

  it('have structured content of a page, whose schema says how to get the next one', async () => {
    const tools = await shop.as({}).listTools();
    const { outputSchema } = tools.find(({ name }) => name === 'orders_on_shelf') ?? {};
    expect(JSON.stringify(outputSchema)).toContain('Value of `offset` for the next page.');
    const { structuredContent } = await shop.as({}).callTool('orders_on_shelf', { shelf: 'new' });
    expect(structuredContent).toEqual({ next: 1, orders: [{ id: '0', note: null }] });
  });
});

describe('an application like the sample of @nestjs/swagger', () => {
  let cats: AerieTest;
  beforeAll(async () => {
    const prepare = (application: INestApplication): void => {
      application.useGlobalPipes(new ValidationPipe());
    };
    cats = await AerieTest.create({ imports: [CatsModule] }, { prepare }).compile();
    cats.application.useLogger(false);
  });
  afterAll(() => cats.close());

  it('gives every caller the verdict, the status class and the body of REST', async () => {
    const routes = {
      create_cat: (body: unknown): RestRequest => ({ method: 'POST', path: 'cats', body }),
      find_cat: ({ id }: Readonly<Record<string, unknown>>): RestRequest => ({
        method: 'GET',
        path: `cats/${encodeURIComponent(textOf(id ?? ''))}`,
      }),
    };
    expect(await compared(cats, routes, 40, '/')).toEqual(['2xx', '4xx']);
  });

  it('has the schemas of its OpenAPI document', async () => {
    const document = SwaggerModule.createDocument(cats.application, new DocumentBuilder().build());
    const { CreateCatDto: dto } = document.components?.schemas ?? {};
    const [create, find] = await cats.as({}).listTools();
    expect(create?.description).toBe('Create cat');
    expect(create?.inputSchema.properties).toEqual(
      dto && 'properties' in dto && { ...dto.properties, age: { type: 'integer' } },
    );
    expect(find?.inputSchema).toEqual({
      type: 'object',
      properties: { id: { type: 'string' } },
      required: ['id'],
    });
    expect(find?.outputSchema).toMatchObject({
      properties: {
        name: { type: 'string', description: 'The name of the Cat', examples: ['Kitty'] },
        age: { type: 'number', description: 'The age of the Cat', examples: [1] },
        breed: { type: 'string', description: 'The breed of the Cat', examples: ['Maine Coon'] },
      },
    });
  });
});

/** Compares generated calls with the requests of REST. Returns the classes of status that occurred. */
async function compared(
  aerie: AerieTest,
  routes: Readonly<Record<string, (given: Readonly<Record<string, unknown>>) => RestRequest>>,
  requests: number,
  base?: string,
): Promise<string[]> {
  const random = seeded(19);
  const callers = await Promise.all(
    CALLERS.map(async (caller) => ({ client: aerie.as(caller), token: await aerie.token(caller) })),
  );
  const tools = (await aerie.as({}).listTools()).filter(({ name }) => name in routes);
  expect(tools.map(({ name }) => name)).toEqual(Object.keys(routes).toSorted());
  const classes = new Set<string>();
  for (let index = 0; index < requests; index++) {
    const tool = tools[index % tools.length];
    const rest = tool && routes[tool.name];
    if (!rest) throw new Error('There is a route for each tool.');
    const given = generated(tool.inputSchema, random);
    if (!existsOverRest(rest(given))) continue;
    await Promise.all(
      callers.map(async ({ client, token }) => {
        const response = await fetchRest(aerie.fetch, aerie.url, token, rest(given), base);
        const result = await client.callTool(tool.name, given);
        const what = `${tool.name} ${JSON.stringify(given)}`;
        expect({ what, ...outcomeOf(result) }).toEqual({ what, ...(await expectedOf(response)) });
        classes.add(`${Math.floor(response.status / 100)}xx`);
      }),
    );
  }
  return [...classes].toSorted();
}

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
