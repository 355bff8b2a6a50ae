import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { noFindings } from '../catalog/findings.js';
import type { OpenApiMapping } from '../decorators/open-api-options.js';
import { growth, LINEAR } from '../../../test/support/growth.js';
import { listen } from '../../values/listen.js';
import { compileApi } from './compile-api.js';
import { loadDocument } from './load-document.js';

const info = { title: 'Test', version: '1' };
const responses = { 200: { description: 'OK' } };

async function problemsOf(
  document: OpenApiMapping['document'],
  paths: readonly string[] = [],
): Promise<string[]> {
  const operations = Object.fromEntries(
    paths.map((path, index) => [path, { name: `tool_${index}`, description: 'Test.', scopes: ['a'] }]),
  );
  const offers = await compileApi({ name: 'test', document, baseUrl: 'http://localhost', operations });
  await offers.close();
  return offers.declare(1_000).flatMap(({ compile }) => {
    const findings = noFindings();
    compile(findings);
    return [...findings.problems];
  });
}

describe('a hostile document', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-openapi-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const file = (text: string, name = 'document'): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };

  it('of 50 MB is refused before it is read', async () => {
    const path = file('{');
    truncateSync(path, 50 * 1024 * 1024);
    expect(await problemsOf(path)).toEqual([
      expect.stringMatching(/has 52428800 bytes, with a maximum of 16777216/),
    ]);
  });

  it('of 50 MB is refused while it is received', async () => {
    const server = createServer(
      (_request, response) => void response.end(Buffer.alloc(50 * 1024 * 1024, '[')),
    );
    const port = await listen(server);
    try {
      await expect(loadDocument(`http://127.0.0.1:${port}/openapi.json`, true)).rejects.toThrow(
        /more than 16777216 bytes/,
      );
    } finally {
      server.close();
    }
  });

  it('with references to other documents is refused, and nothing is fetched', async () => {
    let requests = 0;
    const server = createServer((_request, response) => void (requests++, response.end('{}')));
    const port = await listen(server);
    try {
      const schema = (reference: string): object => ({ 'application/json': { schema: { $ref: reference } } });
      const get = {
        responses: { 200: { description: '', content: schema(`http://127.0.0.1:${port}/a.json`) } },
      };
      const post = { responses, requestBody: { content: schema('../../etc/passwd') } };
      const put = { responses, requestBody: { $ref: '#/components/requestBodies/none' } };
      const problems = await problemsOf({ openapi: '3.1.0', info, paths: { '/a': { get, post, put } } });
      expect(new Set(problems)).toEqual(
        new Set([
          expect.stringContaining(
            'its document refers to ../../etc/passwd, and other documents are never read',
          ),
          expect.stringContaining(
            `its document refers to http://127.0.0.1:${port}/a.json, and other documents are never read`,
          ),
          expect.stringContaining(
            'its document refers to #/components/requestBodies/none, which does not exist',
          ),
        ]),
      );
      expect(requests).toBe(0);
    } finally {
      server.close();
    }
  });

  it.each([
    '/a/../admin',
    '/a/%2e%2e/admin',
    '/a%2fb',
    '//evil.example/a',
    '/a?b=c',
    '/a\\b',
    '/a/./b',
    '/a#b',
  ])('with the path %s is refused', async (path) => {
    const problems = await problemsOf({ openapi: '3.0.3', info, paths: { [path]: { get: { responses } } } }, [
      `GET ${path}`,
    ]);
    expect(problems).toEqual([expect.stringContaining('is unsafe')]);
  });

  it('with duplicate operation ids is refused', async () => {
    const get = { operationId: 'same', responses };
    expect(
      await problemsOf({ openapi: '3.0.3', info, paths: { '/a': { get }, '/b': { get } } }, ['same']),
    ).toEqual(['its document has the operation id "same" twice: GET /a and GET /b.']);
  });

  it('with circular and exploding schemas takes bounded time', async () => {
    const link = { $ref: '#/components/schemas/Node' };
    const schemas: Record<string, unknown> = {
      Node: {
        type: 'object',
        properties: { next: link, list: { type: 'array', items: link }, any: { allOf: [link, link] } },
      },
      Self: { $ref: '#/components/schemas/Self' },
    };
    for (let level = 0; level < 40; level++) {
      const inner = { $ref: `#/components/schemas/Level${level + 1}` };
      schemas[`Level${level}`] = { type: 'object', properties: { a: inner, b: inner, c: inner } };
    }
    schemas['Level40'] = { type: 'string' };
    const bodyOf = (name: string): object => ({
      responses,
      requestBody: { content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } },
    });
    const paths = {
      '/node': { post: bodyOf('Node') },
      '/self': { post: bodyOf('Self') },
      '/level': { post: bodyOf('Level0') },
    };
    const started = performance.now();
    expect(
      await problemsOf({ openapi: '3.0.3', info, paths, components: { schemas } }, [
        'POST /node',
        'POST /self',
        'POST /level',
      ]),
    ).toEqual([
      'its body has a reference that leads in a circle: #/components/schemas/Self.',
      'its body has more than 1500 parts. Leave out parameters that a model does not need.',
    ]);
    expect(performance.now() - started).toBeLessThan(20_000); // three times as many steps per level would take years
  });

  it.each([
    ['that nests a million times', '{"a":'.repeat(1_000_000)],
    ['that is not JSON', '{"openapi": "3.1.0",'],
    [
      'with a million aliases of YAML',
      `a: &a [x]\n${Array.from(
        { length: 9 },
        (_none, index) =>
          `b${index}: &b${index} [${Array(10)
            .fill(index === 0 ? '*a' : `*b${index - 1}`)
            .join(', ')}]`,
      ).join('\n')}`,
    ],
    ['of many MB of YAML', `a: ${'x'.repeat(5_000_000)}`],
  ])('%s is refused', async (_what, text) => {
    expect(await problemsOf(file(text))).toEqual([expect.stringMatching(/^its document (is|has|names) /)]);
  });

  it('with many members of YAML takes linear time', async () => {
    const load = async (members: number): Promise<void> => {
      const many = Array.from({ length: members }, (_none, index) => `    S${index}: {}`).join('\n');
      const text = `openapi: 3.1.0\ninfo: {title: T, version: "1"}\npaths: {}\ncomponents:\n  schemas:\n${many}`;
      expect(await loadDocument(file(text), false)).toHaveProperty('document');
    };
    expect(await growth(5_000, load)).toBeLessThan(LINEAR);
  });

  it.each([
    ['itself', 'a: &a\n  b: *a', 'circular structure'],
    ['a name twice', 'a:\n  b: 1\n  b: 2', '"b" appears twice'],
  ])('of YAML that contains %s is refused', async (_what, text, problem) => {
    expect(await problemsOf(file(text))).toEqual([expect.stringContaining(problem)]);
  });

  it('with an object that contains itself takes bounded time', async () => {
    const schema: Record<string, unknown> = { type: 'object' };
    schema['properties'] = { again: schema };
    const requestBody = { content: { 'application/json': { schema } } };
    const paths = { '/a': { post: { requestBody, responses } } };
    expect(await problemsOf({ openapi: '3.1.0', info, paths }, ['POST /a'])).toEqual([]);
  });

  it('with enormous schemas and names takes linear time', async () => {
    const load = async (size: number): Promise<void> => {
      const properties = Object.fromEntries(
        Array.from({ length: size }, (_none, index) => [`p${index}`, { type: 'string' }]),
      );
      const requestBody = { content: { 'application/json': { schema: { type: 'object', properties } } } };
      const parameters = [{ name: `a${'_'.repeat(5 * size)}b`, in: 'query', schema: { type: 'string' } }];
      const paths = { '/a': { post: { parameters, requestBody, responses } } };
      expect(await problemsOf({ openapi: '3.1.0', info, paths }, ['POST /a'])).toEqual([
        expect.stringContaining('more than 1500 parts'),
      ]);
    };
    expect(await growth(5_000, load)).toBeLessThan(LINEAR);
  });

  it.each([
    ['Swagger 2.0', { swagger: '2.0' }, 'is version 2.0. Use OpenAPI 3.0 or 3.1.'],
    ['no version', {}, 'names no version'],
    [
      'a member of the wrong type',
      { openapi: '3.0.3', info: { title: 1, version: '1' }, paths: {} },
      '/info/title must be string',
    ],
  ])('with %s is refused', async (_what, document, problem) => {
    expect(await problemsOf(document)).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    ['JSON', JSON.stringify({ openapi: '3.1.0', info, paths: {} })],
    ['YAML', 'openapi: 3.1.0\ninfo: { title: Test, version: "1" }\npaths: {}'],
  ])('may begin with a byte order mark before %s', async (_what, text) => {
    expect(await loadDocument(file(`\uFEFF${text}`), false)).toHaveProperty('document');
  });

  it('that does not exist is refused', async () => {
    expect(await problemsOf(join(directory, 'none.json'))).toEqual([
      expect.stringContaining('cannot be read (ENOENT).'),
    ]);
  });
});
