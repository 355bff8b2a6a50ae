import { SchemaConverter } from '../controllers/convert-schema.js';
import { bodyOf, encodeBody } from './body.js';

type Part = ReturnType<FormData['getAll']>[number];

const file = { type: 'string', format: 'binary' };
const NO_NAMES = { parameters: new Set<string>(), members: new Map() };
const none = { type: 'null' };
const UPLOAD = { components: { schemas: { Upload: file } } };

/** Prepares a multipart body with one member. */
function prepared(
  member: object,
  wrap: (schema: object) => object = (schema) => schema,
  encoding: object = {},
): { readonly schema: unknown; readonly parts: (value: unknown) => Promise<Part[]> } {
  const document = { root: UPLOAD, is30: true };
  const schema = wrap({ type: 'object', properties: { a: member } });
  const content = { 'multipart/form-data': { schema, encoding } };
  const body = bodyOf(document, { content }, new SchemaConverter(document, 'input'));
  if (!body) throw new Error('There is no body.');
  return {
    schema: body.members[0]?.schema,
    parts: async (value) => {
      const encoded = await encodeBody(body, new Map([['a', { name: 'a', value }]]), NO_NAMES);
      const headers = { 'content-type': encoded?.contentType ?? '' };
      const sent = new Request('http://localhost', { method: 'POST', headers, body: encoded?.bytes ?? '' });
      return (await sent.formData()).getAll('a');
    },
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const textsOf = (parts: readonly Part[]): Promise<string[]> =>
  Promise.all(parts.map(async (part) => (typeof part === 'string' ? part : part.text())));

describe('a multipart body', () => {
  it('has a file for each item of a list of files', async () => {
    const { schema, parts } = prepared({ type: 'array', items: file, description: 'Photos.' });
    expect(schema).toEqual({ type: 'array', items: { type: 'string' }, description: 'Photos. As Base64.' });
    const sent = await parts([base64('one'), base64('two')]);
    expect(sent.every((part) => part instanceof File)).toBe(true);
    expect(await textsOf(sent)).toEqual(['one', 'two']);
    await expect(parts(['no base64!'])).rejects.toThrow('a: must be Base64');
  });

  it.each([
    ['nullable', { ...file, nullable: true }, ['string', 'null']],
    ['or null', { anyOf: [file, none] }, ['string', 'null']],
    ['referred to', { allOf: [{ $ref: '#/components/schemas/Upload' }, { description: 'Photo' }] }, 'string'],
    ['or a list of files', { oneOf: [file, { type: 'array', items: file }] }, ['string', 'array']],
  ])('has a file that is %s', async (_what, member, type) => {
    const { schema, parts } = prepared(member);
    expect(schema).toMatchObject({ type });
    const sent = await parts(base64('bytes'));
    expect(sent).toEqual([expect.any(File)]);
    expect(await textsOf(sent)).toEqual(['bytes']);
  });

  it('has a file of a part of its intersection', async () => {
    const { parts } = prepared(file, (schema) => ({ allOf: [schema] }));
    expect(await parts(base64('bytes'))).toEqual([expect.any(File)]);
  });

  it('has a text for a file or an address', async () => {
    expect(await prepared({ anyOf: [file, { type: 'string' }] }).parts('https://a')).toEqual(['https://a']);
  });

  it('has JSON for a list whose part is JSON by the document', async () => {
    const encoding = { a: { contentType: 'application/json' } };
    const { parts } = prepared({ type: 'array', items: { type: 'string' } }, undefined, encoding);
    expect(await textsOf(await parts(['x', 'y']))).toEqual(['["x","y"]']);
    expect(await textsOf(await parts([]))).toEqual(['[]']);
  });

  it('has a text for each item of a list of values, and JSON for a list of objects', async () => {
    const { parts } = prepared({ type: 'array', items: {} });
    expect(await parts(['x', 1, true])).toEqual(['x', '1', 'true']);
    const sent = await parts([{ b: 1 }]);
    expect(sent).toEqual([expect.objectContaining({ type: 'application/json' })]);
    expect(await textsOf(sent)).toEqual(['[{"b":1}]']);
  });
});
