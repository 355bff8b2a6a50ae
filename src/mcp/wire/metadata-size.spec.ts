import { requireSmallMetadata } from './metadata-size.js';

const many = (count: number): object[] => Array.from({ length: count }, () => ({}));
const check = (body: unknown) => (): void => requireSmallMetadata(body, JSON.stringify(body));
const message = (params: object, method = 'tools/call'): object => ({
  jsonrpc: '2.0',
  id: 7,
  method,
  params,
});

describe('requireSmallMetadata', () => {
  it.each(['_meta', 'capabilities', 'clientInfo'])('limits values and characters in %s', (name) => {
    expect(check(message({ [name]: { a: many(990) } }))).not.toThrow();
    expect(check(message({ [name]: { a: many(1_000) } }))).toThrow(`params.${name} is too large`);
    expect(check(message({ [name]: { a: 'x'.repeat(66_000) } }))).toThrow(`params.${name} is too large`);
    expect(check(message({ [name]: { ['x'.repeat(66_000)]: 1 } }))).toThrow(`params.${name} is too large`);
  });

  it.each([
    ['params', message({ notifications: { resourceSubscriptions: many(10_000) } })],
    ['params, in parts', message({ a: many(4_000), b: many(4_000), c: many(4_000) })],
    ['params that are a list', { ...message({}), params: many(10_000) }],
    ['the arguments of a prompt', message({ arguments: many(10_000) }, 'prompts/get')],
    ['answers to questions', message({ inputResponses: many(10_000) })],
    ['a response', { jsonrpc: '2.0', id: 7, result: { a: many(10_000) } }],
    ['a member that is unknown', { ...message({}), other: many(10_000) }],
    ['a batch', [message({}), message({ a: many(10_000) })]],
    ['a list in a batch', [message({}), many(10_001)]],
  ])('limits the number of values in %s', (_where, body) => {
    expect(check(body)).toThrow('more than 10000 values');
  });

  it('does not limit arguments of tools or the length of other texts', () => {
    expect(check(message({ arguments: many(200_000) }))).not.toThrow();
    expect(check(message({ uri: 'x'.repeat(500_000) }, 'resources/read'))).not.toThrow();
  });

  it('leaves out what exceeds the maximum length of a batch, which is rejected anyway', () => {
    const unread = Object.defineProperty({}, 'params', {
      enumerable: true,
      get: () => {
        throw new Error('A message beyond the maximum was read.');
      },
    });
    const long = 'x'.repeat(10_000);
    const batch = [...Array.from({ length: 100 }, () => message({})), unread];
    expect(() => requireSmallMetadata(batch, long)).not.toThrow();
  });

  it('throws an error with the ID of the request', () => {
    const id = (body: unknown): unknown => {
      try {
        check(body)();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(id(message({ _meta: many(1_001) }))).toMatchObject({ code: -32_602, details: { id: 7 } });
    expect(id([message({ _meta: many(1_001) })])).toMatchObject({ details: { id: null } });
  });
});
