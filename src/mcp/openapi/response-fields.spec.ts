import { operationsOf } from './operations.js';
import { fieldProblems } from './response-fields.js';

const text = { type: 'string' };
const customer = { type: 'object', properties: { email: text } };
const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });

function problemsOf(responses: object, hide: readonly string[], schemas: object = {}): string[] {
  const document = { root: { paths: { '/a': { get: { responses } } }, components: { schemas } }, is30: true };
  const [operation] = operationsOf(document, []);
  if (!operation) throw new Error('There is no operation.');
  return fieldProblems(document, operation, { hide });
}

const json = (schema: unknown, type = 'application/json'): object => ({ content: { [type]: { schema } } });
const unknownIn = (schema: object, hide: readonly string[], schemas: object = {}): string[] =>
  problemsOf({ 200: json(schema) }, hide, schemas).map((problem) => /"(.*?)"/.exec(problem)?.[1] ?? problem);

describe('the fields to hide or keep', () => {
  it('are looked up in a schema that is too large for a result', () => {
    const part = Object.fromEntries(Array.from({ length: 40 }, (_none, id) => [`p${id}`, text]));
    const properties = Object.fromEntries(Array.from({ length: 50 }, (_none, id) => [`o${id}`, ref('Part')]));
    const schemas = { Part: { type: 'object', properties: part } };
    const schema = { type: 'object', properties: { ...properties, customer } };
    expect(unknownIn(schema, ['customer.email', 'o9.p1', 'custmer.email', 'o9.q'], schemas)).toEqual([
      'custmer.email',
      'o9.q',
    ]);
  });

  it('are looked up where a schema contains itself', () => {
    const schemas = {
      Pet: { type: 'object', properties: { parent: ref('Pet'), owner: { oneOf: [ref('Pet'), customer] } } },
    };
    expect(
      unknownIn(ref('Pet'), ['parent.parent.owner.email', 'parent.owner.mail', 'owner.owner'], schemas),
    ).toEqual(['parent.owner.mail']);
  });

  it('are looked up through lists, unions and intersections', () => {
    const schema = {
      type: 'array',
      items: { allOf: [{ anyOf: [customer, { type: 'null' }] }, { properties: { id: text } }] },
    };
    expect(unknownIn(schema, ['id', 'email', 'mail'])).toEqual(['mail']);
  });

  it.each([
    ['a null', { anyOf: [customer, { type: 'null' }] }],
    ['an id', { oneOf: [text, customer] }],
    ['an enumeration of null', { oneOf: [customer, { enum: [null] }] }],
    ['a part with required members', { allOf: [customer, { required: ['email'] }] }],
    ['alternatives of required members', { ...customer, anyOf: [{ required: ['email'] }] }],
  ])('are unknown although the schema also has %s', (_what, schema) => {
    expect(unknownIn(schema, ['email', 'emial'])).toEqual(['emial']);
  });

  it('may be any of an object that the document does not describe', () => {
    for (const schema of [{}, { type: 'object' }, { anyOf: [customer, { type: 'object' }] }]) {
      expect(unknownIn(schema, ['secret.key'])).toEqual([]);
    }
  });

  it('name a member of each value of a map by *', () => {
    const mapOf = (additionalProperties: object): object => ({
      type: 'object',
      properties: { users: { type: 'object', additionalProperties } },
    });
    const hide = ['users.email', 'users.*.email', 'users.*.mail', 'users.alice.email', 'users.alice.mail'];
    expect(unknownIn(mapOf(customer), hide)).toEqual(['users.email', 'users.*.mail', 'users.alice.mail']);
    expect(problemsOf({ 200: json(mapOf(customer)) }, ['users.email'])).toEqual([
      'its response has no field "users.email" to hide or keep. Did you mean "users.*.email"?',
    ]);
    expect(unknownIn(mapOf(text), ['users.email'])).toEqual([]);
    expect(unknownIn({ ...mapOf(customer), additionalProperties: customer }, ['users.*.email'])).toEqual([]);
  });

  it('may be those of any successful response', () => {
    expect(problemsOf({ 200: json(text), 201: json(customer) }, ['email'])).toEqual([]);
    expect(problemsOf({ default: json(customer, '*/*') }, ['email'])).toEqual([]);
  });

  it('stop the start if there is no schema to check them', () => {
    const problem = expect.stringContaining('no JSON schema of a successful response') as unknown;
    for (const responses of [
      { 204: { description: 'Done' }, default: json(customer) },
      { 200: json(customer, 'text/csv') },
      { 200: json(undefined) },
    ]) {
      expect(problemsOf(responses, ['email'])).toEqual([problem]);
      expect(problemsOf(responses, [])).toEqual([]);
    }
  });
});
