import { HttpException } from '@nestjs/common';

import { growth, LINEAR } from '../../../test/support/growth.js';
import { type AnsweredTool, toolResponse } from './tool-response.js';

const tool: AnsweredTool = {
  name: 'get_file',
  route: 'GET /files/:id',
  hasOutput: false,
  arguments: [{ name: 'page', place: 'query', key: 'p', schema: {}, isRequired: false }],
};

const respond = (
  status: number,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
  options: Partial<AnsweredTool> = {},
) => toolResponse({ status, headers, body: Buffer.from(body) }, { ...tool, ...options });

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

describe('the result of a route', () => {
  it('is the text of its JSON', () => {
    expect(respond(200, '{"a":1}', JSON_TYPE)).toEqual({ content: [{ type: 'text', text: '{"a":1}' }] });
  });

  it('has structured content if the tool declares an output', () => {
    expect(respond(200, '{"a":1}', JSON_TYPE, { hasOutput: true })).toMatchObject({
      structuredContent: { a: 1 },
    });
  });

  it.each([
    ['image/png', { type: 'image', data: 'AP8=', mimeType: 'image/png' }],
    ['audio/ogg', { type: 'audio', data: 'AP8=', mimeType: 'audio/ogg' }],
    [
      'application/pdf',
      {
        type: 'resource',
        resource: { uri: 'result://get_file/a%20b.pdf', mimeType: 'application/pdf', blob: 'AP8=' },
      },
    ],
  ])('embeds a file of the type %s', (type, block) => {
    const headers = { 'content-type': type, 'content-disposition': 'attachment; filename="a b.pdf"' };
    expect(respond(200, Buffer.from([0, 255]), headers).content).toEqual([block]);
  });

  it.each([
    [204, {}, 'Done: 204 No Content.'],
    [303, { location: '/orders/1' }, '303 See Other: /orders/1'],
  ])('names the status %i without a body', (status, headers, text) => {
    expect(respond(status, '', headers).content).toEqual([{ type: 'text', text }]);
  });

  it.each([200, 204, 302, 304])('is an error for %i without the body that the tool declares', (status) => {
    expect(respond(status, '', {}, { hasOutput: true })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining(String(status)) as unknown }],
    });
  });

  it('is read in the charset of the response', () => {
    const headers = { 'content-type': 'text/csv; charset=iso-8859-1' };
    expect(respond(200, Buffer.from([0xe9]), headers).content).toEqual([{ type: 'text', text: 'é' }]);
  });

  it('is an error of the tool if the response is compressed', () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    expect(() => respond(200, Buffer.from([31, 139]), headers)).toThrow('Content-Encoding: gzip');
  });

  it('names the arguments of further pages', () => {
    const link = '</f?p=3>; rel="next", <https://x.test/f?p=1>; rel=first, </other>; rel="last"';
    expect(respond(200, '[]', { ...JSON_TYPE, link }).content?.[1]).toEqual({
      type: 'text',
      text: 'Pages, as arguments to change in the next call of get_file: next: {"page":"3"}; first: {"page":"1"}',
    });
  });

  it('names arguments of pages that the tool accepts', () => {
    const integer = { type: 'integer' };
    const list = [
      { name: 'page', place: 'query' as const, key: 'p', schema: integer, isRequired: false },
      { name: 'cursor', place: 'query' as const, key: 'c', schema: integer, isRequired: false },
      {
        name: 'tags',
        place: 'query' as const,
        key: 't',
        schema: { type: 'array', items: integer },
        isRequired: false,
      },
    ];
    const link = '</f?p=3&c=x&t=1&t=2>; rel="next", </f?c=x>; rel="last"';
    const { content } = respond(200, '[]', { ...JSON_TYPE, link }, { arguments: list });
    expect(content?.[1]).toMatchObject({ text: expect.stringMatching(/: next: {"page":3,"tags":\[1,2\]}$/) });
    const joined = list.map((argument) => ({ ...argument, style: { explode: false } }));
    expect(respond(200, '[]', { ...JSON_TYPE, link }, { arguments: joined }).content?.[1]).toMatchObject({
      text: expect.stringMatching(/: next: {"page":3}$/),
    });
  });

  it('takes linear time for a Link header that echoes an argument', async () => {
    const read = (size: number): unknown => respond(200, '[]', { ...JSON_TYPE, link: '<'.repeat(size) });
    expect(await growth(60_000, read)).toBeLessThan(LINEAR);
  });

  it.each([
    ['JSON', '{"message":"No such file"}', JSON_TYPE, { message: 'No such file' }],
    ['text', 'Go away.', { 'content-type': 'text/plain' }, 'Go away.'],
    ['broken JSON', 'Go away.', JSON_TYPE, 'Go away.'],
    ['a page', '<html>', { 'content-type': 'text/html' }, { statusCode: 403, message: '403 Forbidden' }],
    ['nothing', '', {}, { statusCode: 403, message: '403 Forbidden' }],
  ])('is an error of the caller for a 403 with %s', (_kind, body, headers, expected) => {
    const error: unknown = thrownBy(() => respond(403, body, headers));
    expect(error).toBeInstanceOf(HttpException);
    expect(error instanceof HttpException && [error.getStatus(), error.getResponse()]).toEqual([
      403,
      expected,
    ]);
  });

  it('is an error of the tool for a 500, which the log explains', () => {
    const error = thrownBy(() => respond(500, 'secret'));
    expect(error).not.toBeInstanceOf(HttpException);
    expect(error).toHaveProperty('message', 'GET /files/:id answered with 500: secret');
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
