import { configuredCredentials, fromOpenApi, type OpenApiOptions } from '../src/mcp/index.js';
import { AerieTest } from '../src/testing/index.js';
import { catalogProblems } from './support/catalog-problems.js';
import { PETS } from './support/pets.openapi.js';
import {
  type Answer,
  echo,
  type Received,
  sendJson,
  startUpstream,
  type UpstreamApi,
} from './support/upstream-api.js';

const SECRET = 'upstream-secret-4711';
const scopes = 'authenticated';

const optionsFor = (baseUrl: string): OpenApiOptions => ({
  name: 'pets',
  document: PETS,
  baseUrl: `${baseUrl}/v1`,
  credentials: configuredCredentials({
    token: SECRET,
    key: `${SECRET}&key`,
    login: { username: 'service', password: SECRET },
  }),
  operations: {
    getPet: { name: 'get_pet', scopes },
    deletePet: { name: 'delete_pet', scopes },
    listPets: {
      name: 'list_pets',
      description: 'Lists the pets of your organization.',
      scopes,
      parameters: {
        limit: { value: 50 },
        tenant: { value: ({ organizationId }) => organizationId },
        tags: { name: 'labels', description: 'Labels of a pet' },
      },
      response: { hide: ['owner.email', 'parent'] },
    },
    createPet: { name: 'create_pet', scopes },
    styles: { name: 'styles', scopes },
    sendForm: { name: 'send_form', scopes },
    'PUT /forms': { name: 'send_file', scopes },
    withKey: { name: 'with_key', scopes },
  },
});

describe('operations of an OpenAPI document as tools', () => {
  let upstream: UpstreamApi;
  let elsewhere: UpstreamApi;
  let aerie: AerieTest;
  beforeAll(async () => {
    upstream = await startUpstream();
    elsewhere = await startUpstream();
    aerie = await AerieTest.create({ imports: [fromOpenApi(optionsFor(upstream.url))] }).compile();
    aerie.application.useLogger(false);
  });
  beforeEach(() => {
    upstream.answer = echo;
    upstream.received.length = 0;
    elsewhere.received.length = 0;
  });
  afterAll(async () => {
    await aerie.close();
    await upstream.close();
    await elsewhere.close();
  });

  const call = (
    name: string,
    input: Record<string, unknown> = {},
  ): ReturnType<ReturnType<AerieTest['as']>['callTool']> =>
    aerie.as({ organization: 'acme' }).callTool(name, input);
  const received = async (name: string, input: Record<string, unknown> = {}): Promise<Received> => {
    const { text } = await call(name, input);
    if (upstream.received.length !== 1) throw new Error(text);
    return upstream.received[0]!;
  };

  it('have arguments, annotations and a schema of the result', async () => {
    const tools = await aerie.as({}).listTools();
    expect(tools.find(({ name }) => name === 'list_pets')).toMatchInlineSnapshot(`
      {
        "annotations": {
          "readOnlyHint": true,
        },
        "description": "Lists the pets of your organization.",
        "inputSchema": {
          "properties": {
            "labels": {
              "description": "Labels of a pet",
              "items": {
                "type": "string",
              },
              "type": "array",
            },
          },
          "type": "object",
        },
        "name": "list_pets",
        "outputSchema": {
          "items": {
            "properties": {
              "born": {
                "type": [
                  "string",
                  "null",
                ],
              },
              "id": {
                "type": [
                  "number",
                  "null",
                ],
              },
              "name": {
                "description": "Name of the pet",
                "type": [
                  "string",
                  "null",
                ],
              },
              "owner": {
                "properties": {
                  "name": {
                    "type": [
                      "string",
                      "null",
                    ],
                  },
                },
                "type": [
                  "object",
                  "null",
                ],
              },
            },
            "type": [
              "object",
              "null",
            ],
          },
          "type": "array",
        },
      }
    `);
    expect(tools.find(({ name }) => name === 'create_pet')?.inputSchema).toMatchInlineSnapshot(`
      {
        "properties": {
          "born": {
            "format": "date",
            "type": [
              "string",
              "null",
            ],
          },
          "name": {
            "description": "Name of the pet",
            "type": "string",
          },
          "owner": {
            "properties": {
              "email": {
                "type": "string",
              },
              "name": {
                "type": "string",
              },
            },
            "type": "object",
          },
          "parent": {
            "type": "object",
          },
          "secret": {
            "type": "string",
          },
        },
        "required": [
          "name",
          "secret",
        ],
        "type": "object",
      }
    `);
    expect(tools.find(({ name }) => name === 'delete_pet')?.annotations).toMatchInlineSnapshot(`
      {
        "destructiveHint": true,
        "idempotentHint": true,
      }
    `);
  });

  it('send the parameters in the styles of the document', async () => {
    const { url, headers } = await received('styles', {
      simple: ['a b', 'c,d'],
      label: ['e', 'f'],
      matrix: { g: 'h', i: 1 },
      spaced: ['x', 'y'],
      piped: ['x', 'y'],
      deep: { a: { b: [1, '&'] } },
      commas: ['x,', 'y'],
      flat: { p: 1, q: 'ü' },
      json: { r: true },
      open: 'a/b?c=d&e',
      'X-Ids': [1, 2],
      mood: 'so; so',
    });
    expect(url).toBe(
      '/v1/styles/a%20b,c%2Cd/.e.f/;g=h;i=1?spaced=x%20y&piped=x%7Cy&deep[a][b][0]=1&deep[a][b][1]=%26' +
        '&commas=x%2C,y&p=1&q=%C3%BC&json=%7B%22r%22%3Atrue%7D&open=a/b?c%3Dd%26e',
    );
    expect(headers).toMatchObject({
      'x-ids': '1,2',
      cookie: 'mood=so%3B%20so',
      authorization: `Bearer ${SECRET}`,
    });
  });

  it('send JSON, forms and files', async () => {
    expect(await received('create_pet', { name: 'Rex', secret: 's' })).toMatchObject({
      method: 'POST',
      body: '{"name":"Rex","secret":"s"}',
    });
    upstream.received.length = 0;
    expect(
      await received('send_form', { name: 'a&b', deep: { x: { y: 1 } }, list: ['1', '2'] }),
    ).toMatchObject({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'name=a%26b&deep[x][y]=1&list=1&list=2',
    });
    upstream.received.length = 0;
    const { body, headers } = await received('send_file', {
      file: Buffer.from('bytes').toString('base64'),
      note: 'n',
    });
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(body).toMatch(/name="file"; filename="file"\r\n.*\r\n\r\nbytes\r\n/);
  });

  it('narrow requests and responses', async () => {
    upstream.answer = (_request, response) =>
      sendJson(response, [
        { id: 1, name: 'Rex', owner: { name: 'A', email: 'a@b' }, parent: { id: 2 }, more: 1 },
      ]);
    const { text, structuredContent } = await call('list_pets', {
      labels: ['x'],
      limit: 7,
      tenant: 'globex',
    });
    expect(upstream.received).toMatchObject([
      { url: '/v1/pets?tags=x&limit=50', headers: { tenant: 'acme' } },
    ]);
    expect(JSON.parse(text)).toEqual([{ id: 1, name: 'Rex', owner: { name: 'A' }, more: 1 }]);
    expect(structuredContent).toEqual([{ id: 1, name: 'Rex', owner: { name: 'A' }, more: 1 }]);
  });

  it('answer although the response does not match the document', async () => {
    upstream.answer = (_request, response) => sendJson(response, { id: 'seven', name: null, more: [1] });
    const { text, structuredContent, isError } = await call('get_pet', { id: '7' });
    expect({ isError, structuredContent }).toEqual({
      isError: undefined,
      structuredContent: { name: null, more: [1] },
    });
    expect(text).toContain('seven');
  });

  it.each(['..', '.', 'a/b', 'a\\b', '%2e%2e', 'a%2fb', 'http://evil.example/', ''])(
    'refuse the path argument "%s" before anything is sent',
    async (id) => {
      const { isError, text } = await call('get_pet', { id });
      expect({ isError, text }).toEqual({ isError: true, text: expect.stringContaining('path') });
      expect(upstream.received).toEqual([]);
    },
  );

  it('send credentials as the security scheme says, and never the token of the caller', async () => {
    const { url, headers } = await received('with_key');
    expect(url).toBe(`/v1/free?api_key=${encodeURIComponent(`${SECRET}&key`)}`);
    expect(headers.authorization).toBe(`Basic ${Buffer.from(`service:${SECRET}`).toString('base64')}`);
  });

  it('show no secret that the API repeats', async () => {
    for (const name of ['with_key', 'get_pet']) {
      const { text } = await call(name, { id: '1' });
      expect(text).toContain('[redacted]');
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(Buffer.from(`service:${SECRET}`).toString('base64'));
    }
  });

  it('follow redirects within the API, up to three', async () => {
    upstream.answer = (_request, response) => response.writeHead(302, { location: '/v1/moved' }).end();
    expect((await call('get_pet', { id: '1' })).text).toContain('redirects too often');
    expect(upstream.received).toHaveLength(4);
    expect(upstream.received.at(-1)?.headers.authorization).toBe(`Bearer ${SECRET}`);
  });

  it('refuse a redirect to a private address of another origin', async () => {
    const { port } = new URL(elsewhere.url);
    for (const location of [
      elsewhere.url,
      `http://localhost:${port}/`,
      'http://[::ffff:127.0.0.1]:1/',
      'http://169.254.169.254/',
    ]) {
      upstream.answer = (_request, response) => response.writeHead(302, { location }).end();
      expect((await call('get_pet', { id: '1' })).text).toContain('cannot be reached');
    }
    expect(elsewhere.received).toEqual([]);
  });

  it('do not repeat a request with an effect', async () => {
    upstream.answer = (_request, response) => response.writeHead(307, { location: elsewhere.url }).end();
    expect((await call('create_pet', { name: 'Rex', secret: 's' })).text).toBe(
      'Not done: 307 Temporary Redirect.',
    );
    upstream.answer = (_request, response) => response.writeHead(302, { location: '/v1/pets/1' }).end();
    expect((await call('create_pet', { name: 'Rex', secret: 's' })).text).toBe(
      'The API answered with 302 Found, which was not followed. The change may have been made: check before you repeat it.',
    );
    expect(upstream.received).toHaveLength(2);
    upstream.received.length = 0;
    upstream.answer = (_request, response) => response.writeHead(503).end();
    expect((await call('create_pet', { name: 'Rex', secret: 's' })).text).toContain('Correlation id');
    expect(upstream.received).toHaveLength(1);
    expect(elsewhere.received).toEqual([]);
  });

  it('say that a change may have been made if the connection breaks after the request', async () => {
    const broken =
      'The connection to the API "pets" broke. The change may have been made: check before you repeat it.';
    const reset: Answer = (_request, response) => response.destroy();
    const cut: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy());
    };
    for (const answer of [reset, cut]) {
      upstream.answer = answer;
      expect((await call('create_pet', { name: 'Rex', secret: 's' })).text).toBe(broken);
      expect(upstream.received).toHaveLength(1);
      upstream.received.length = 0;
    }
    upstream.answer = ({ method }, response) =>
      method === 'POST' ? response.writeHead(303, { location: '/v1/pets/1' }).end() : response.destroy();
    expect((await call('create_pet', { name: 'Rex', secret: 's' })).text).toBe(broken);
    upstream.answer = reset;
    for (const name of ['get_pet', 'delete_pet']) {
      expect((await call(name, { id: '1' })).text).toBe('The API "pets" cannot be reached. Try again later.');
    }
  });

  it('repeat a request without an effect while the API is briefly unavailable', async () => {
    upstream.answer = (_request, response) => {
      if (upstream.received.length === 1) response.destroy();
      else if (upstream.received.length === 2) response.writeHead(503).end();
      else sendJson(response, { id: 1 });
    };
    expect((await call('get_pet', { id: '1' })).text).toBe('{"id":1}');
    expect(upstream.received).toHaveLength(3);
  });

  it.each([
    [404, { message: 'No such pet.' }, 'No such pet.'],
    [422, { error: { message: 'Bad name.' } }, 'Bad name.'],
    [401, { message: 'Bad token.' }, 'rejects the credentials of this server'],
    [500, { message: 'stack trace' }, 'Correlation id'],
  ])('answer with the message of status %d', async (status, body, message) => {
    upstream.answer = (_request, response) => sendJson(response, body, status);
    const { isError, text } = await call('delete_pet', { id: '1' });
    expect({ isError, text }).toEqual({ isError: true, text: expect.stringContaining(message) });
  });

  it('return files within the limit', async () => {
    upstream.answer = (_request, response) =>
      response
        .writeHead(200, {
          'content-type': 'application/pdf',
          'content-disposition': 'attachment; filename="a.pdf"',
        })
        .end('%PDF');
    const { content } = await call('styles', { simple: ['a'], label: ['b'], matrix: { c: 1 } });
    expect(content).toEqual([
      {
        type: 'resource',
        resource: { uri: 'result://styles/a.pdf', mimeType: 'application/pdf', blob: 'JVBERg==' },
      },
    ]);
    upstream.answer = (_request, response) => response.writeHead(200).end(Buffer.alloc(12 * 1024 * 1024));
    expect((await call('get_pet', { id: '1' })).text).toContain('too large');
  });

  it('end the request when the call is cancelled', async () => {
    let closed: (() => void) | undefined;
    const ended = new Promise<void>((resolve) => (closed = resolve));
    upstream.answer = (_request, response) => void response.on('close', () => closed?.());
    const abort = new AbortController();
    const client = await aerie.as({}).sdk();
    const answer = client.callTool({ name: 'get_pet', arguments: { id: '1' } }, { signal: abort.signal });
    while (upstream.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    abort.abort();
    await answer.catch(() => undefined);
    await ended;
  });
});

describe('OpenAPI documents that cannot be tools', () => {
  it('stop the start at an endpoint that does not exist', async () => {
    const imported = fromOpenApi({ ...optionsFor('http://127.0.0.1:1'), endpoint: 'staff' });
    await expect(AerieTest.create({ imports: [imported] }).compile()).rejects.toThrow(
      'AerieModule.fromOpenApi(): there is no endpoint "staff".',
    );
  });

  it('stop the start with all problems at once', async () => {
    const problems = await catalogProblems({
      imports: [
        fromOpenApi({
          ...optionsFor('http://127.0.0.1:1'),
          operations: {
            getPets: { name: 'get', scopes },
            getPet: {
              name: 'same',
              scopes,
              parameters: { id: false, other: { value: 1 } },
              response: { hide: ['owner.mail'] },
            },
            listPets: { name: 'same', scopes: ['a b'] },
          },
          tags: { pet: { read: { scopes } } },
        }),
      ],
    });
    expect(problems).toMatchInlineSnapshot(`
      [
        "AerieModule.fromOpenApi("pets"): its document has no operation "getPets". Did you mean "getPet"?",
        "AerieModule.fromOpenApi("pets"): its document has no tag "pet". Did you mean "pets"?",
        "AerieModule.fromOpenApi("pets"): getPet: its parameter path.id is required. Give it a fixed value: { value: … }.",
        "AerieModule.fromOpenApi("pets"): getPet: its mapping names the parameter "other", which is none, or several. Use one of path.id.",
        "AerieModule.fromOpenApi("pets"): getPet: its response has no field "owner.mail" to hide or keep.",
        "AerieModule.fromOpenApi("pets"): listPets: its scope "a b" is invalid. Remove spaces, quotes and backslashes",
        "AerieModule.fromOpenApi("pets"): listPets: its tool name "same" is already used by AerieModule.fromOpenApi("pets"): getPet. Change one of them",
      ]
    `);
  });

  it('stop the start if credentials would never be sent', async () => {
    const imported = fromOpenApi({
      ...optionsFor('http://127.0.0.1:1'),
      operations: { withKey: { name: 'with_key', scopes } },
      document: { ...PETS, security: undefined },
    });
    expect(await catalogProblems({ imports: [imported] })).toEqual([
      expect.stringContaining(
        'AerieModule.fromOpenApi("pets"): its credentials have "token", which is never sent',
      ),
    ]);
  });
});
