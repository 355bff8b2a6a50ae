import { ApiException } from '../failures/api-exception.js';
import { apiAnswer } from './api-answer.js';
import { narrowingOf } from './narrow.js';
import { tolerantOutput, type TolerantOutput } from './tolerant-output.js';

const answer = (
  mapping: Parameters<typeof narrowingOf>[0],
  body: string,
  {
    status = 200,
    type = 'application/json',
    isRead = true,
    output,
  }: { status?: number; type?: string; isRead?: boolean; output?: TolerantOutput } = {},
): ReturnType<typeof apiAnswer> =>
  apiAnswer(
    { status, headers: { 'content-type': type }, body: Buffer.from(body) },
    {
      name: 'tool',
      api: 'api',
      route: 'GET /a',
      isRead,
      arguments: [],
      narrowing: narrowingOf(mapping),
      output,
    },
  );

const hide = { hide: ['email'] };
const HIDDEN = '{"email":"a@b"}';

describe('a narrowed response', () => {
  it.each([
    ['JSON with a prefix', `)]}'\n${HIDDEN}`],
    ['several lines of JSON', `${HIDDEN}\n${HIDDEN}`],
    ['JSON within a text', JSON.stringify(HIDDEN)],
  ])('of %s is refused', (_what, body) => {
    expect(() => answer(hide, body)).toThrow('cannot be narrowed');
  });

  it('keeps the digits of large numbers', () => {
    const { content } = answer(hide, '{"id":1234567890123456789,"email":"a@b"}');
    expect(content).toEqual([{ type: 'text', text: '{"id":1234567890123456789}' }]);
  });

  it.each(['1e400', '-1e+400', '9'.repeat(400)])(
    'has null for a number that JavaScript cannot hold, and its text in the text: %s',
    (number) => {
      const output = tolerantOutput({ type: 'object', properties: { id: { type: 'number' } } });
      const body = `{"id":1,"big":${number}}`;
      const { content, structuredContent } = answer(hide, body, { output });
      expect(content).toEqual([{ type: 'text', text: body }]);
      expect(structuredContent).toEqual({ id: 1, big: null });
    },
  );

  it('keeps no text in place of an object', () => {
    const { content } = answer({ keep: ['id', 'owner.id'] }, '[{"id":1,"owner":"a@b"},"a@b"]');
    expect(content).toEqual([{ type: 'text', text: '[{"id":1,"owner":null},null]' }]);
  });

  it.each([
    ['other members', '{"existing":{"email":"a@b"}}', 'application/json', '409 Conflict'],
    ['a message', '{"message":"Exists.","existing":{"email":"a@b"}}', 'application/json', 'Exists.'],
    ['a text', 'a@b exists', 'text/plain', '409 Conflict'],
    ['invalid JSON', `${HIDDEN},`, 'application/json', '409 Conflict'],
  ])('shows no fields of an error with %s', (_what, body, type, message) => {
    expect(() => answer(hide, body, { status: 409, type })).toThrow(new ApiException(message, 409));
    expect(() => answer(hide, body, { status: 409, type })).toThrow(ApiException);
  });
});

describe('a redirect that is not followed', () => {
  it.each([301, 302, 303])('may follow a change: %i', (status) => {
    const { content } = answer({}, '', { status, isRead: false });
    expect(content).toEqual([
      { type: 'text', text: expect.stringContaining('may have been made') as unknown },
    ]);
  });

  it.each([
    [307, false, 'Not done: 307 Temporary Redirect.'],
    [308, false, 'Not done: 308 Permanent Redirect.'],
    [302, true, 'Not done: 302 Found.'],
  ])('has done nothing for %i, with reading: %s', (status, isRead, text) => {
    expect(answer({}, '', { status, isRead }).content).toEqual([{ type: 'text', text }]);
  });
});
