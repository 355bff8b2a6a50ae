import { operationsOf } from './operations.js';
import { responseSchema } from './response-schema.js';

function schemaOf(responses: object): unknown {
  const document = { root: { paths: { '/a': { get: { responses } } } }, is30: false };
  const [operation] = operationsOf(document, []);
  if (!operation) throw new Error('There is no operation.');
  return responseSchema(document, operation, []);
}

const text = { schema: { type: 'string' } };
const list = { schema: { type: 'array', items: {} } };

describe('the schema of a result', () => {
  it.each([
    ['JSON', { 200: { content: { 'application/problem+json': list } } }],
    ['any type', { 200: { content: { '*/*': list } } }],
    ['any type of an application', { 200: { content: { 'application/*': list } } }],
    ['JSON before any type', { 200: { content: { '*/*': text, 'application/json': list } } }],
    ['the first of several', { 201: { content: { '*/*': list } }, 202: { content: { '*/*': text } } }],
    ['the default, if there is no other', { default: { content: { '*/*': list } }, 404: text }],
  ])('is that of %s', (_what, responses) => {
    expect(schemaOf(responses)).toEqual(list.schema);
  });

  it.each([
    ['other types', { 200: { content: { 'text/plain': text, 'image/*': text } } }],
    ['the default next to a success', { 204: {}, default: { content: { 'application/json': list } } }],
    ['errors', { 404: { content: { 'application/json': list } } }],
  ])('is not that of %s', (_what, responses) => {
    expect(schemaOf(responses)).toBeUndefined();
  });
});
