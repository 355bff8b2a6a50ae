import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PETS } from './support/pets.openapi.js';
import { runCommand } from './support/run-command.js';

const EXAMPLES = 'test/examples/import';
const MODULE = `import { Module } from '@nestjs/common';

/** Module to which \`import\` adds the tools. */
@Module({ providers: [] })
export class ToolsModule {}
`;

/** Reads all sources of a folder, without differences of the place. */
const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .toSorted()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8').replaceAll('../../../src/', '../')]),
  );

describe('import openapi', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-import-'));
    mkdirSync(join(directory, 'src/mcp'), { recursive: true });
    mkdirSync(join(directory, 'src/tools'));
    for (const [name, text] of Object.entries({
      'package.json': readFileSync('package.json', 'utf8'),
      'src/mcp/index.ts': '',
      'src/tools/tools.module.ts': MODULE,
      'pets.json': JSON.stringify({ ...PETS, servers: [{ url: 'https://pets.example.com/v1/' }] }),
    })) {
      writeFileSync(join(directory, name), text);
    }
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const run = (...parameters: string[]): ReturnType<typeof runCommand> =>
    runCommand('import', ['openapi', ...parameters], directory, {});

  it('writes the compiled, linted and tested example', async () => {
    expect(
      await run('pets.json', '--tag', 'pets', '--operation', 'listPets', '--operation', 'withKey'),
    ).toEqual({
      code: 0,
      stdout:
        'created  src/tools/pets/pets.api.ts\n' +
        'created  src/tools/pets/pets.document.ts\n' +
        'created  src/tools/pets/pets.api.spec.ts\n' +
        'changed  src/tools/tools.module.ts (imports petsApi)\n' +
        '\n' +
        'Next:\n' +
        '  review src/tools/pets/pets.api.ts\n' +
        '  set PETS_TOKEN, PETS_KEY, PETS_LOGIN (in the mapping, remove those that you do not use)\n',
      stderr: '',
    });
    expect(filesIn(join(directory, 'src/tools'))).toEqual(filesIn(EXAMPLES));
  });

  it('lists the operations of a document', async () => {
    const { code, stdout } = await run('pets.json', '--list');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('getPet\n    GET /pets/{id}  #pets  Finds a pet\n'),
    });
  });

  it('writes no text of the document as code', async () => {
    const hostile = "*/ process.exit() /* ' ` ${process.exit()} \n\u2028";
    const operation = {
      operationId: hostile,
      summary: hostile,
      description: hostile,
      responses: { 200: { description: hostile } },
    };
    const document = {
      openapi: '3.1.0',
      info: { title: hostile, version: hostile },
      paths: { '/__proto__': { get: operation } },
    };
    writeFileSync(join(directory, 'hostile.json'), JSON.stringify(document));
    const { code, stderr } = await run(
      'hostile.json',
      '--operation',
      hostile,
      '--name',
      'safe',
      '--base-url',
      'https://a.example',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('names no credentials') });
    const { transpileModule } = await import('typescript');
    for (const name of ['safe.api.ts', 'safe.document.ts', 'safe.api.spec.ts']) {
      const source = readFileSync(join(directory, 'src/tools/safe', name), 'utf8');
      expect(transpileModule(source, { reportDiagnostics: true }).diagnostics).toEqual([]);
      expect(source.replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, '')).not.toContain('process');
    }
  });

  it('keeps what operations refer to, in other operations too, and a variable for each secret', async () => {
    const list = { name: 'list', in: 'query', schema: { type: 'string' } };
    const other = '#/paths/~1other/get';
    const schema = { type: 'object', properties: { id: { type: 'string' } } };
    const responses = { 200: { description: 'OK', content: { 'application/json': { schema } } } };
    const get = {
      operationId: 'get',
      summary: 'Gets',
      parameters: [{ $ref: `${other}/parameters/0` }],
      responses: {
        200: {
          description: 'OK',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: {
                  a: { $ref: `${other}/responses/200/content/application~1json/schema` },
                  b: { $ref: '#/components/schemas/Pet/properties/id' },
                },
              },
            },
          },
        },
      },
      security: [{ 'a-key': [], a_key: [] }],
    };
    const document = {
      openapi: '3.0.3',
      info: { title: 'Keys', version: '1' },
      servers: [{ url: 'https://a.example' }],
      paths: { '/a': { get }, '/other': { get: { parameters: [list], responses } } },
      components: {
        schemas: { Pet: schema },
        securitySchemes: {
          'a-key': { type: 'http', scheme: 'bearer' },
          a_key: { type: 'apiKey', in: 'header', name: 'key' },
        },
      },
    };
    writeFileSync(join(directory, 'keys.json'), JSON.stringify(document));
    const { code, stdout } = await run('keys.json', '--operation', 'get');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('KEYS_A_KEY, KEYS_A_KEY_2'),
    });
    const mapping = readFileSync(join(directory, 'src/tools/keys/keys.api.ts'), 'utf8');
    expect(mapping).toContain("'a-key': secrets.KEYS_A_KEY,\n        a_key: secrets.KEYS_A_KEY_2,");
    const source = readFileSync(join(directory, 'src/tools/keys/keys.document.ts'), 'utf8');
    expect(source).toContain("parameters: [{ name: 'list', in: 'query', schema: { type: 'string' } }]");
    expect(source).toContain("a: { type: 'object', properties: { id: { type: 'string' } } }");
    expect(source).toContain("Pet: { type: 'object', properties: { id: { type: 'string' } } }");
    expect(source).not.toContain('/other');
  });

  it('keeps names of the author that look like keywords, and data that looks like a schema', async () => {
    const kept = { type: 'string', const: { examples: [1], $ref: 'data' } };
    const schema = {
      type: 'object',
      properties: { links: { $ref: '#/components/schemas/x-link' } },
      dependentSchemas: { deprecated: { required: ['xml'] } },
      dependentRequired: { example: ['links'] },
      $defs: { 'x-own': kept },
      default: { 'x-default': true },
      deprecated: true,
      'x-vendor': true,
    };
    const get = {
      operationId: 'get',
      responses: { 200: { description: 'OK', content: { 'application/json': { schema } } } },
      security: [{ 'x-api-key': [], 'x-login': ['x-read'] }],
    };
    const flows = { clientCredentials: { tokenUrl: 'https://a.example', scopes: { 'x-read': 'Reads' } } };
    const document = {
      openapi: '3.1.0',
      info: { title: 'Keys', version: '1' },
      servers: [{ url: 'https://a.example' }],
      paths: { '/a': { get } },
      components: {
        schemas: { 'x-link': { type: 'string' } },
        securitySchemes: {
          'x-api-key': { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          'x-login': { type: 'oauth2', flows },
        },
      },
    };
    writeFileSync(join(directory, 'keys.json'), JSON.stringify(document));
    expect(await run('keys.json', '--operation', 'get')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('KEYS_X_API_KEY, KEYS_X_LOGIN'),
      stderr: '',
    });
    expect(readFileSync(join(directory, 'src/tools/keys/keys.api.ts'), 'utf8')).toContain(
      "'x-api-key': secrets.KEYS_X_API_KEY",
    );
    const source = readFileSync(join(directory, 'src/tools/keys/keys.document.ts'), 'utf8');
    for (const part of [
      "security: [{ 'x-api-key': [], 'x-login': ['x-read'] }]",
      "'x-api-key': { type: 'apiKey', in: 'header', name: 'X-API-Key' }",
      "scopes: { 'x-read': 'Reads' }",
      "dependentSchemas: { deprecated: { required: ['xml'] } }",
      "dependentRequired: { example: ['links'] }",
      "$defs: { 'x-own': { type: 'string', const: { examples: [1], $ref: 'data' } } }",
      "default: { 'x-default': true }",
      "schemas: { 'x-link': { type: 'string' } }",
    ]) {
      expect(source).toContain(part);
    }
    expect(source).not.toMatch(/x-vendor|deprecated: true/);
  });

  it('writes an operation once that is named by id and by route, and ids that are numbers', async () => {
    const get = (operationId: string): object => ({
      get: { operationId, responses: { 200: { description: '' } } },
    });
    const paths = { '/b': get('20'), '/a': get('10'), '/c': get('getC') };
    const document = { openapi: '3.1.0', info: { title: 'Ids', version: '1' }, paths };
    writeFileSync(join(directory, 'ids.json'), JSON.stringify(document));
    const named = ['getC', 'GET /c', '20', 'GET /b', 'GET /a'].flatMap((id) => ['--operation', id]);
    expect(await run('ids.json', ...named, '--base-url', 'https://a.example')).toMatchObject({ code: 0 });
    const mapping = readFileSync(join(directory, 'src/tools/ids/ids.api.ts'), 'utf8');
    expect(mapping.match(/(?<=name: ')\w+/g)).toEqual(['ids', '20', 'get_c', '10']);
    const spec = readFileSync(join(directory, 'src/tools/ids/ids.api.spec.ts'), 'utf8');
    expect(spec).toContain("const reviewed = ['20', 'get_c', '10'];");
  });

  it('inserts the defaults of the variables of the server, and requires a base URL if one has none', async () => {
    const server = {
      url: 'https://{region}.example.com/{version}/',
      variables: { region: { default: 'eu' }, version: { default: 'v2', enum: ['v1', 'v2'] } },
    };
    const write = (name: string, servers: object[]): void =>
      writeFileSync(join(directory, name), JSON.stringify({ ...PETS, servers }));
    write('servers.json', [server]);
    expect(await run('servers.json', '--operation', 'getPet')).toMatchObject({ code: 0 });
    expect(readFileSync(join(directory, 'src/tools/pets/pets.api.ts'), 'utf8')).toContain(
      "baseUrl: 'https://eu.example.com/v2'",
    );
    write('open.json', [{ url: 'https://api.example.com/{version}' }]);
    expect(await run('open.json', '--operation', 'getPet', '--name', 'open')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('names no server with a URL. Name it with --base-url.'),
    });
  });

  it('refuses operations of other servers, unless that is the base URL', async () => {
    const responses = { 200: { description: 'OK' } };
    const own = [{ url: 'https://upload.example.com/v1' }];
    const document = {
      openapi: '3.1.0',
      info: { title: 'Files', version: '1' },
      servers: [{ url: 'https://api.example.com' }],
      paths: {
        '/files': {
          servers: [{ url: 'https://api.example.com' }],
          get: { operationId: 'listFiles', responses },
          post: { operationId: 'upload', servers: own, responses },
        },
        '/logs': { servers: own, get: { operationId: 'logs', responses } },
      },
    };
    writeFileSync(join(directory, 'files.json'), JSON.stringify(document));
    const all = ['listFiles', 'upload', 'logs'].flatMap((id) => ['--operation', id]);
    const { code, stderr } = await run('files.json', ...all);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'upload: its document sends it to the server https://upload.example.com/v1, but tools send it to https://api.example.com. Import it alone with that --base-url',
    );
    expect(stderr).toContain('logs: its document sends it');
    expect(stderr).not.toContain('listFiles: ');
    expect(
      await run('files.json', '--operation', 'upload', '--base-url', 'https://upload.example.com/v1/'),
    ).toMatchObject({ code: 0 });
  });

  it('keeps responses of any type, and the default without another one', async () => {
    const schema = { type: 'object', properties: { id: { type: 'string' } } };
    const responses = { description: 'OK', content: { '*/*': { schema } } };
    const document = {
      openapi: '3.1.0',
      info: { title: 'Any', version: '1' },
      servers: [{ url: 'https://a.example' }],
      paths: {
        '/a': { get: { operationId: 'any', responses: { 200: responses, 404: { description: 'None' } } } },
        '/b': { get: { operationId: 'other', responses: { default: responses } } },
      },
    };
    writeFileSync(join(directory, 'any.json'), JSON.stringify(document));
    expect(await run('any.json', '--operation', 'any', '--operation', 'other')).toMatchObject({ code: 0 });
    const source = readFileSync(join(directory, 'src/tools/any/any.document.ts'), 'utf8');
    expect(source.match(/\*\/\*/g)).toHaveLength(2);
    expect(source).not.toContain('404');
  });

  it('refuses a document whose references never end', async () => {
    const schema = {
      type: 'object',
      properties: { again: { $ref: '#/paths/~1a/get/responses/200/x-schema' } },
    };
    const get = {
      operationId: 'get',
      parameters: [{ name: 'q', in: 'query', schema: { $ref: '#/paths/~1a/get/responses/200/x-schema' } }],
      responses: { 200: { description: 'OK', 'x-schema': schema } },
    };
    const document = { openapi: '3.0.3', info: { title: 'Circle', version: '1' }, paths: { '/a': { get } } };
    writeFileSync(join(directory, 'circle.json'), JSON.stringify(document));
    const options = ['--operation', 'get', '--base-url', 'https://a.example'];
    expect(await run('circle.json', ...options)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('refers too often to parts such as #/paths/~1a/get'),
    });
  });

  it.each([
    ['without operations', ['pets.json'], 2, /Choose operations with --operation or --tag/],
    ['an unknown operation', ['pets.json', '--operation', 'getPets'], 2, /Did you mean "getPet"\?/],
    ['an invalid document', ['package.json', '--list'], 1, /package\.json: its document names no version/],
    ['a document that does not exist', ['none.json', '--list'], 1, /none\.json cannot be read \(ENOENT\)/],
    [
      'an unusable base URL',
      ['pets.json', '--tag', 'pets', '--base-url', '/v1'],
      2,
      /Name it with --base-url/,
    ],
    [
      'a name that the module imports',
      ['pets.json', '--tag', 'pets', '--name', 'from-open'],
      1,
      /tools\.module\.ts has another fromOpenApi from '\.\.\/mcp\/index\.js'\. Choose another name/,
    ],
    ['an unknown kind', ['--help-me'], 2, /unknown option/],
  ])('rejects %s', async (_what, parameters, code, message) => {
    const before = filesIn(join(directory, 'src'));
    expect(await run(...parameters)).toMatchObject({ code, stderr: expect.stringMatching(message) });
    expect(filesIn(join(directory, 'src'))).toEqual(before);
  });
});
