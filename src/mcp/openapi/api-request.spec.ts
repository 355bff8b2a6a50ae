import type { Principal } from '../../auth/principal.js';
import { recordIn } from '../../values/record-in.js';
import { SchemaConverter } from '../controllers/convert-schema.js';
import type { OperationMapping } from '../decorators/open-api-options.js';
import { apiRequestFactory } from './api-request.js';
import { argumentsOf, inputSchemaOf } from './arguments.js';
import { operationsOf } from './operations.js';
import { authorize, secretIdsOf, securityOf } from './security.js';
import type { UpstreamRequest } from './upstream-client.js';

interface Case {
  readonly template?: string;
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  readonly mapping?: OperationMapping['parameters'];
  readonly schemes?: object;
}

/** Prepares `POST` of one path, as a tool does. */
function prepared({ template = '/a', parameters = [], requestBody, mapping = {}, schemes = {} }: Case): {
  readonly problems: readonly string[];
  readonly names: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
  readonly request: (input: object, principal?: Partial<Principal>) => Promise<UpstreamRequest>;
} {
  const problems: string[] = [];
  const post = { parameters, ...(requestBody && { requestBody }) };
  const security = Object.keys(schemes).map((name) => ({ [name]: [] }));
  const document = {
    root: { paths: { [template]: { post } }, security, components: { securitySchemes: schemes } },
    is30: false,
  };
  const [operation] = operationsOf(document, problems);
  if (!operation) throw new Error('There is no operation.');
  const credentials = { credentialsFor: () => ({ key: 'secret' }) };
  const ways = securityOf(document, operation, {}, credentials, problems);
  const converter = new SchemaConverter(document, 'input');
  const options = { name: 'tool', scopes: [], parameters: mapping };
  const derived = argumentsOf(document, operation, options, converter, problems, secretIdsOf(ways));
  const make = apiRequestFactory(operation, derived, new URL('https://api.example.com/v1'), 'test');
  const properties = recordIn(inputSchemaOf(derived.list)['properties']);
  return {
    problems,
    names: Object.keys(properties),
    properties,
    request: (input, principal = {}) =>
      make({ ...input }, principal as Principal, authorize(ways, { key: 'secret' })),
  };
}

const text = { type: 'string' };
const inPath = (style: string, schema: object = { type: 'array', items: text }): object[] => [
  { name: 'p', in: 'path', required: true, style, schema },
];
const inQuery = (name: string, schema: object = text, more: object = {}): object => ({
  name,
  in: 'query',
  schema,
  ...more,
});
const form = (properties: object): object => ({
  content: { 'application/x-www-form-urlencoded': { schema: { type: 'object', properties } } },
});
/** Form whose object `filter` has a pair for each member, next to other properties. */
const explodedForm = (properties: object): object => ({
  content: {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', properties: { filter: { type: 'object' }, ...properties } },
      encoding: { filter: { style: 'form', explode: true } },
    },
  },
});

describe('the path of a request', () => {
  it.each(['simple', 'label', 'matrix'])('has no empty list or object in the style %s', async (style) => {
    const { request } = prepared({ template: '/a/{p}/b', parameters: inPath(style) });
    await expect(request({ p: [] })).rejects.toThrow('must not be empty');
    const object = prepared({ template: '/a/{p}/b', parameters: inPath(style, { type: 'object' }) });
    await expect(object.request({ p: { a: null } })).rejects.toThrow('must not be empty');
  });

  it.each(['simple', 'label', 'matrix'])('does not leave its place in the style %s', async (style) => {
    const { request } = prepared({ template: '/a/{p}/b', parameters: inPath(style) });
    for (const part of ['..', '.', '%2e%2e', '%2E', 'a/b', 'a\\b', 'a%2fb', '%5c', '//evil.example', '']) {
      await expect(request({ p: ['x', part] })).rejects.toThrow('part of a path');
    }
    const { url } = await request({ p: ['a;b?c#d', 'e\0\r\n'] });
    expect(url.search + url.hash).toBe('');
    expect(url.pathname).toMatch(/^\/v1\/a\/[^/]*a%3Bb%3Fc%23d[^/]*e%00%0D%0A\/b$/);
  });

  it.each(['/a/..;/b', '/a/..;x=1/b', '/a/..{p}/b'])('is not the path %s of a document', (template) => {
    const { problems } = prepared({ template, parameters: template.includes('{') ? inPath('matrix') : [] });
    expect(problems).toEqual([expect.stringContaining('is unsafe')]);
  });
});

describe('an integer beyond 2^53', () => {
  const int64 = { type: 'integer', format: 'int64' };
  const lines = { type: 'object', properties: { lines: { type: 'array' } } };
  const { request, properties } = prepared({
    template: '/a/{p}',
    parameters: [{ name: 'p', in: 'path', required: true, schema: int64 }],
    requestBody: { content: { 'application/json': { schema: lines } } },
  });

  it('is refused as a number, because it may have lost digits', async () => {
    const id = 9_007_199_254_740_992;
    await expect(request({ p: id })).rejects.toThrow('- p: has a number beyond 9007199254740991');
    await expect(request({ p: 1, lines: [{ id }] })).rejects.toThrow('- lines: has a number beyond');
  });

  it('is sent as it is from a string, which an int64 parameter accepts', async () => {
    expect(properties['p']).toEqual({ type: ['integer', 'string'], pattern: '^-?\\d+$' });
    expect((await request({ p: '9007199254740993' })).url.pathname).toBe('/v1/a/9007199254740993');
  });
});

describe('an integer as a string', () => {
  const id = { type: 'integer', format: 'int64', minimum: 1, exclusiveMaximum: 100 };
  const { request, properties } = prepared({
    parameters: [
      inQuery('id', id),
      inQuery('ids', { type: 'array', items: id }, { explode: false }),
      inQuery('code', { type: 'string', pattern: String.raw`^-?\d+$` }),
    ],
  });

  it('is sent within its bounds', async () => {
    expect((await request({ id: '99', ids: ['1', 2] })).url.search).toBe('?id=99&ids=1,2');
    expect(properties['ids']).toMatchObject({ items: { type: ['integer', 'string'] } });
  });

  it.each([
    [{ id: '0' }, '- id: must be >= 1'],
    [{ id: '100' }, '- id: must be < 100'],
    [{ ids: ['1', '-5'] }, '- ids: must be >= 1'],
    [{ id: '9'.repeat(21) }, '- id: must be a 64-bit integer'],
  ])('is refused outside of its bounds: %p', async (input, message) => {
    await expect(request(input)).rejects.toThrow(message);
  });

  it('is any text where the document has a string', async () => {
    const code = '9'.repeat(21);
    expect((await request({ code })).url.search).toBe(`?code=${code}`);
  });
});

describe('a parameter that a mapping fixes or leaves out', () => {
  const parameters = [
    inQuery('filter', { type: 'object' }),
    inQuery('deep', { type: 'object' }, { style: 'deepObject' }),
    inQuery('tenant'),
    inQuery('limit'),
    inQuery('deep[owner]'),
  ];
  const mapping = { tenant: { value: 'acme' }, limit: false, 'deep[owner]': { value: 'me' } } as const;

  it.each([
    { filter: { tenant: 'globex' } },
    { filter: { TENANT: 'globex' } },
    { filter: { 'tenant[]': 'globex' } },
    { filter: { limit: 1_000 } },
    { filter: { 'deep[owner]': 'you' } },
    { deep: { owner: 'you' } },
  ])('is not sent as a member of the object in %j', async (input) => {
    const { request, problems } = prepared({ parameters, mapping });
    expect(problems).toEqual([]);
    await expect(request(input)).rejects.toThrow('which is a parameter of its own');
  });

  it('does not keep objects from having other members', async () => {
    const { url } = await prepared({ parameters, mapping }).request({
      filter: { filter: 'a', name: 'b' },
      deep: { x: { owner: 'c' } },
    });
    expect(url.search).toBe('?filter=a&name=b&deep[x][owner]=c&tenant=acme&deep%5Bowner%5D=me');
  });

  it('is not sent as a member of an object in a form', async () => {
    const { request } = prepared({
      requestBody: { ...form({ filter: { type: 'object' }, tenant: text }) },
      mapping: { tenant: { value: 'acme' } },
    });
    expect((await request({ filter: { a: 1 } })).body).toBe('filter=%7B%22a%22%3A1%7D&tenant=acme');
    const exploded = prepared({
      requestBody: explodedForm({ tenant: text }),
      mapping: { tenant: { value: 'acme' } },
    });
    await expect(exploded.request({ filter: { tenant: 'globex' } })).rejects.toThrow('parameter of its own');
  });

  it('is not sent as a member of an object in a form or a query, which many servers read as one', async () => {
    const input = { filter: { tenant: 'globex' } };
    const fixed = { tenant: { value: 'acme' } };
    const inForm = prepared({
      parameters: [inQuery('tenant')],
      requestBody: explodedForm({}),
      mapping: fixed,
    });
    await expect(inForm.request(input)).rejects.toThrow('parameter of its own');
    const contentOf = (type: string): object => ({
      content: { [type]: { schema: { type: 'object', properties: { tenant: text } } } },
    });
    const nextTo = (type: string): ReturnType<typeof prepared> =>
      prepared({
        parameters: [inQuery('filter', { type: 'object' })],
        requestBody: contentOf(type),
        mapping: fixed,
      });
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
      await expect(nextTo(type).request(input)).rejects.toThrow('parameter of its own');
    }
    expect((await nextTo('application/json').request(input)).url.search).toBe('?tenant=globex');
  });

  it('is not set through a prefix, unless the document declares the member', async () => {
    const schema = { allOf: [{ type: 'object', properties: { _tenant: text } }] };
    const { request } = prepared({
      parameters: [...parameters.slice(1), inQuery('filter', schema)],
      mapping,
    });
    expect((await request({ filter: { _tenant: 'x' } })).url.search).toContain('&_tenant=x');
    const both = prepared({
      parameters: [...parameters.slice(1), inQuery('filter', schema), inQuery('other', { type: 'object' })],
      mapping,
    });
    await expect(both.request({ other: { _tenant: 'x' } })).rejects.toThrow('could read as a parameter');
    for (const member of ['!limit', '_limit', '!tenant']) {
      await expect(request({ filter: { [member]: 'x' } })).rejects.toThrow(
        'which the API could read as a parameter of its own',
      );
    }
  });

  it('always has a value', async () => {
    // @ts-expect-error a parameter always has a value
    const without: Case['mapping'] = { tenant: { value: undefined } };
    expect(prepared({ parameters, mapping: without }).problems).toEqual([
      'its parameter query.tenant has the value undefined. Set one.',
    ]);
    const ofCaller: Case['mapping'] = { tenant: { value: ({ organizationId }) => organizationId } };
    const { request } = prepared({ parameters, mapping: ofCaller });
    await expect(request({})).rejects.toThrow('always sends "tenant"');
    expect((await request({}, { organizationId: 'acme' })).url.search).toBe('?tenant=acme');
  });
});

describe('a parameter with the name of an API key', () => {
  it.each([
    ['query', '?name=x&key=secret'],
    ['cookie', 'name=x; key=secret'],
    ['header', 'secret'],
  ])('in the %s is no argument', async (place, expected) => {
    const { names, request } = prepared({
      parameters: [
        { name: 'name', in: place, schema: text },
        { name: 'Key', in: place, schema: text },
      ],
      schemes: { key: { type: 'apiKey', in: place, name: 'key' } },
    });
    expect(names).toEqual(['name']);
    const { url, headers } = await request({ name: 'x', Key: 'y' });
    expect(place === 'query' ? url.search : headers[place === 'cookie' ? 'cookie' : 'key']).toBe(expected);
  });

  it('is not sent as a member of an object either', async () => {
    const { request } = prepared({
      parameters: [inQuery('filter', { type: 'object' })],
      schemes: { key: { type: 'apiKey', in: 'query', name: 'key' } },
    });
    await expect(request({ filter: { key: 'mine' } })).rejects.toThrow('parameter of its own');
  });
});

describe('null', () => {
  const nullable = { anyOf: [text, { type: 'null' }] };
  const bodyOf = (type: string): object => ({
    content: { [type]: { schema: { type: 'object', properties: { a: nullable, b: nullable } } } },
  });

  it.each(['query', 'header', 'cookie'])('sends no parameter of the %s', async (place) => {
    const parameters = ['a', 'b'].map((name) => ({ name, in: place, schema: nullable }));
    const { url, headers } = await prepared({ parameters }).request({ a: null, b: 'x' });
    expect([url.search, headers['cookie'], headers['a'], headers['b']]).toEqual(
      place === 'query'
        ? ['?b=x', undefined, undefined, undefined]
        : ['', ...(place === 'cookie' ? ['b=x', undefined, undefined] : [undefined, undefined, 'x'])],
    );
  });

  it('sends no member of a form', async () => {
    const ofForm = prepared({ requestBody: bodyOf('application/x-www-form-urlencoded') });
    expect((await ofForm.request({ a: null, b: 'x' })).body).toBe('b=x');
    const ofParts = prepared({ requestBody: bodyOf('multipart/form-data') });
    const { body } = await ofParts.request({ a: null, b: 'x' });
    expect(String(body)).toContain('name="b"');
    expect(String(body)).not.toContain('name="a"');
  });

  it('is sent in JSON', async () => {
    const requestBody = bodyOf('application/json');
    const content = { 'application/json': { schema: nullable } };
    const { request } = prepared({ requestBody, parameters: [{ name: 'q', in: 'query', content }] });
    const { body, url } = await request({ a: null, q: null });
    expect([body, url.search]).toEqual(['{"a":null}', '?q=null']);
  });

  it('is an error as a part of the path and as a fixed value', async () => {
    const inPlace = prepared({ template: '/a/{p}', parameters: inPath('simple', nullable) });
    await expect(inPlace.request({ p: null })).rejects.toThrow('p: must be a text');
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
      const fixed = prepared({ requestBody: bodyOf(type), mapping: { a: { value: null } } });
      await expect(fixed.request({})).rejects.toThrow('a: must be a text');
    }
  });
});

describe('a body without any of its optional members', () => {
  const bodyOf = (type: string, required: boolean): object => ({
    required,
    content: { [type]: { schema: { type: 'object', properties: { a: text } } } },
  });

  it.each([
    ['application/json', '{}'],
    ['application/x-www-form-urlencoded', ''],
    ['multipart/form-data', expect.stringMatching(/^--.*--(\r\n)?$/) as unknown],
  ])('of the type %s is sent if it is required', async (type, expected) => {
    const { body, headers } = await prepared({ requestBody: bodyOf(type, true) }).request({});
    expect(body?.toString()).toEqual(expected);
    expect(headers['content-type']).toContain(type);
    const optional = await prepared({ requestBody: bodyOf(type, false) }).request({});
    expect([optional.body, optional.headers['content-type']]).toEqual([undefined, undefined]);
  });
});

it('sends a semicolon encoded, which some servers read as the end of a value', async () => {
  const { request } = prepared({ parameters: [inQuery('q', text, { allowReserved: true })] });
  expect((await request({ q: 'a/b;c=d&e' })).url.search).toBe('?q=a/b%3Bc%3Dd%26e');
});
