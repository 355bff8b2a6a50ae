import type { CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { compileTool } from '../catalog/compiled-tool.js';
import { noFindings } from '../catalog/findings.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import { toToolResult } from './tool-result.js';

function resultOf(returned: unknown, output?: McpToolOptions['output']): Promise<CallToolResult> {
  const options = { name: 'tool', description: 'A tool.', scopes: 'authenticated', output } as const;
  return toToolResult(
    returned,
    compileTool(options, [], () => undefined, noFindings()),
  );
}

const text = (written: string): object => ({ type: 'text', text: written });
const block = text('upstream failed');
const user = z.object({ id: z.number() });

describe('toToolResult', () => {
  it('writes the text without members that the output schema strips', async () => {
    const result = await resultOf({ id: 1, passwordHash: 'SECRET' }, user);
    expect(result).toEqual({ content: [text('{"id":1}')], structuredContent: { id: 1 } });
  });

  it('writes the text of lone structured content without members that the output schema strips', async () => {
    const result = await resultOf({ structuredContent: { id: 1, passwordHash: 'SECRET' } }, user);
    expect(result).toEqual({ content: [text('{"id":1}')], structuredContent: { id: 1 } });
  });

  it('writes the text from the value that the output schema returns', async () => {
    const output = z.object({ id: z.number(), tag: z.string().default('none') });
    expect(await resultOf({ id: 1 }, output)).toEqual({
      content: [text('{"id":1,"tag":"none"}')],
      structuredContent: { id: 1, tag: 'none' },
    });
  });

  it('validates the value as JSON represents it', async () => {
    const output = z.object({ at: z.iso.datetime() });
    expect((await resultOf({ at: new Date(0) }, output)).structuredContent).toEqual({
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  it.each([
    [
      'a value of another type',
      { id: 'one' },
      /tool returned a value that does not match its output schema: id:/,
    ],
    ['undefined', undefined, /does not match its output schema/],
    ['blocks without structured content', { content: [block] }, /does not match its output schema/],
  ])('rejects %s if the tool declares an output', async (_what, value, message) => {
    await expect(resultOf(value, user)).rejects.toThrow(message);
  });

  it.each<[string, object]>([
    ['an unknown member', { content: [block], isError: true, usage: { tokens: 7 } }],
    ['an unknown member in a block', { content: [{ ...block, cached: true }], isError: true }],
    ['no blocks', { content: [], isError: true, took: 7 }],
    ['_meta', { content: [block], isError: true, _meta: { 'example.com/a': 1 } }],
  ])('keeps a complete error result with %s', async (_what, value) => {
    expect(await resultOf(value)).toEqual(value);
  });

  it('removes resultType, which the protocol layer sets', async () => {
    const value = { content: [block], isError: true, resultType: 'complete' };
    expect(await resultOf(value)).toEqual({ content: [block], isError: true });
  });

  it.each<[string, object]>([
    ['an error without content', { isError: true }],
    ['an error with structured content alone', { isError: true, structuredContent: { code: 7 } }],
  ])('recognizes %s as a complete result', async (_what, value) => {
    expect(await resultOf(value)).toMatchObject({ ...value, isError: true });
  });

  it.each<[string, object]>([
    ['an image without a type', { content: [{ type: 'image', data: 'x' }] }],
    ['structured content whose content is a text', { content: 'a', structuredContent: { b: 1 } }],
  ])('rejects %s', async (_what, value) => {
    await expect(resultOf(value)).rejects.toThrow(/invalid result: see CallToolResult/);
  });

  const video = { type: 'video', url: 'x' };
  const written = text(JSON.stringify(video));
  const failure = { content: [block], isError: true };
  it.each<[string, object, object]>([
    [
      'nulls for absent members',
      {
        _meta: null,
        meta: null,
        content: [{ ...block, annotations: null, _meta: null }],
        isError: true,
        structuredContent: null,
      },
      failure,
    ],
    ['a string as its content', { content: 'upstream failed', isError: true }, failure],
    ['one block as its content', { content: block, isError: true }, failure],
    [
      'strings as its content',
      { content: ['upstream failed', block], isError: true },
      { content: [block, block], isError: true },
    ],
    [
      'blocks of unknown types',
      { content: [video, block], isError: true },
      { content: [written, block], isError: true },
    ],
    [
      'an incomplete block',
      { content: [{ type: 'image' }, block], isError: true },
      { content: [text('{"type":"image"}'), block], isError: true },
    ],
    ['an invalid _meta', { ...failure, _meta: 'x' }, failure],
  ])('keeps the message of an error with %s', async (_what, value, expected) => {
    expect(await resultOf(value)).toEqual(expected);
    expect(await resultOf(value, user)).toEqual(expected);
  });

  it.each<[string, object, object]>([
    [
      'nulls for absent members',
      {
        meta: null,
        _meta: null,
        content: [{ ...block, annotations: null }],
        isError: null,
        structuredContent: null,
      },
      { content: [block] },
    ],
    [
      'nulls at any depth of a block',
      {
        content: [
          {
            type: 'resource',
            resource: { uri: 'a:b', text: 'x', mimeType: null },
            annotations: { audience: null },
          },
        ],
      },
      { content: [{ type: 'resource', resource: { uri: 'a:b', text: 'x' }, annotations: {} }] },
    ],
    [
      'null in its _meta',
      { content: [block], _meta: { 'a.com/b': null } },
      { content: [block], _meta: { 'a.com/b': null } },
    ],
    ['a block of an unknown type', { content: [video, block] }, { content: [written, block] }],
  ])('recognizes a complete result with %s', async (_what, value, expected) => {
    expect(await resultOf(value)).toEqual(expected);
  });

  it('keeps null as structured content if the output may be null', async () => {
    const value = { content: [block], structuredContent: null };
    expect(await resultOf(value, user.nullable())).toEqual(value);
  });

  it.each<[string, object]>([
    ['text', { content: 'some text' }],
    ['numbers', { content: [1, 2] }],
    ['blocks of its own', { content: [{ type: 'paragraph', text: 'a' }] }],
    ['a page without entries', { content: [], totalElements: 0 }],
  ])('treats a member "content" with %s as the tool’s own data', async (_what, value) => {
    expect(await resultOf(value)).toEqual({
      content: [text(JSON.stringify(value))],
      structuredContent: value,
    });
  });

  it('treats a declared member "content" as the tool’s own data, even if it looks like blocks', async () => {
    const output = z.object({ content: z.array(z.object({ type: z.string(), text: z.string() })) });
    const value = { content: [{ type: 'text', text: 'a' }] };
    expect(await resultOf(value, output)).toEqual({
      content: [text(JSON.stringify(value))],
      structuredContent: value,
    });
    expect(await resultOf({ ...value, isError: true }, output)).toEqual({ ...value, isError: true });
  });

  it('treats a member "content" that one alternative declares as the tool’s own data', async () => {
    const output = z.union([
      z.object({ content: z.array(z.unknown()) }),
      z.object({ none: z.literal(true) }),
    ]);
    expect((await resultOf({ content: [block] }, output)).structuredContent).toEqual({ content: [block] });
  });

  const image = { type: 'image', data: 'aGk=', mimeType: 'image/png' };
  const link = { type: 'resource_link', uri: 'file:///a', name: 'a' };

  it.each<[string, unknown, unknown[]]>([
    ['an image', image, [image]],
    ['an image with an unset member', { ...image, annotations: null }, [image]],
    ['a link and a text', [link, block], [link, block]],
  ])('sends %s as content', async (_what, value, content) => {
    expect(await resultOf(value)).toEqual({ content });
  });

  it.each<[string, unknown]>([
    ['a text block', block],
    ['text blocks', [block]],
    ['an invalid image', { type: 'image', src: 'a.png' }],
    ['an image with members of its own', [{ ...image, id: 7, fileName: 'a.png' }]],
    ['a member of its own without a value', { ...image, id: null }],
    ['messages with authors', [{ ...block, author: 'Ada' }, image]],
    ['a list of which only a part is blocks', [image, { id: 1 }]],
  ])('treats %s as data', async (_what, value) => {
    expect((await resultOf(value)).content).toEqual([text(JSON.stringify(value))]);
  });

  it('treats a block as data if the tool declares an output', async () => {
    const output = z.object({ type: z.string(), data: z.string(), mimeType: z.string() });
    expect((await resultOf(image, output)).structuredContent).toEqual(image);
  });

  it('sends structured content of an error only if it matches the declared output', async () => {
    expect(await resultOf({ ...failure, structuredContent: { code: 7 } }, user)).toEqual(failure);
    expect(await resultOf({ ...failure, structuredContent: { id: 1, x: 2 } }, user)).toEqual({
      ...failure,
      structuredContent: { id: 1 },
    });
  });

  it('rejects a Map, because JSON would lose its entries', async () => {
    await expect(resultOf({ stock: new Map([['a', 1]]) })).rejects.toThrow(
      '"stock" is a collection (Map). Convert it to an array or an object.',
    );
  });
});
