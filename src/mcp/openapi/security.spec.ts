import { configuredCredentials } from './configured-credentials.js';
import { operationsOf } from './operations.js';
import { authorize, securityOf, unusedCredentials } from './security.js';

const secretsOf = (scheme: object, secret: string): readonly string[] => {
  const document = {
    root: { security: [{ key: [] }], components: { securitySchemes: { key: scheme } } },
    is30: false,
  };
  const operation = {
    id: 'a',
    route: 'GET /a',
    method: 'GET',
    template: '/a',
    tags: [],
    node: {},
    shared: [],
    server: undefined,
  };
  const credentials = { credentialsFor: () => ({ key: secret }) };
  return authorize(securityOf(document, operation, {}, credentials, []), { key: secret }).secrets;
};

describe('the secrets to remove from responses', () => {
  it('have all forms in which an API may repeat them', () => {
    expect(secretsOf({ type: 'http', scheme: 'bearer' }, 'ab/c+"d')).toEqual([
      'ab/c+"d',
      'ab%2Fc%2B%22d',
      'ab/c+\\"d',
      'ab\\/c+\\"d',
    ]);
    expect(secretsOf({ type: 'http', scheme: 'basic' }, 'a:b?c?d?e??')).toEqual([
      'b?c?d?e??',
      'b%3Fc%3Fd%3Fe%3F%3F',
      'YTpiP2M/ZD9lPz8=',
      'YTpiP2M%2FZD9lPz8%3D',
      'YTpiP2M\\/ZD9lPz8=',
    ]);
  });
});

describe('credentials', () => {
  const bearer = { type: 'http', scheme: 'bearer' } as const;
  const unused = (
    root: object,
    names: readonly string[],
    { added = {} }: { readonly added?: Record<string, typeof bearer> } = {},
  ): string[] => {
    const document = {
      root: { components: { securitySchemes: { bearerAuth: bearer, key: bearer } }, ...root },
      is30: false,
    };
    return unusedCredentials(document, operationsOf(document, []), {
      securitySchemes: added,
      credentials: configuredCredentials(Object.fromEntries(names.map((name) => [name, 'secret']))),
    });
  };
  const paths = (get: object, post: object = {}): object => ({
    paths: { '/a': { get: { operationId: 'get', ...get }, post: { operationId: 'post', ...post } } },
  });
  const neverSent = expect.stringContaining('"bearerAuth", which is never sent') as unknown;

  it('are a problem if the document has no security, and are sent with securitySchemes', () => {
    expect(unused(paths({}), ['bearerAuth'])).toEqual([neverSent]);
    expect(unused(paths({}), ['bearerAuth'], { added: { bearerAuth: bearer } })).toEqual([]);
  });

  it('are a problem if their scheme is unknown, although the API needs none', () => {
    const optional = paths({ security: [{ bearerAuth: [] }, {}] });
    expect(unused(optional, ['bearerAuht'])).toEqual([
      'its credentials have "bearerAuht", which is not one of its security schemes. Did you mean "bearerAuth"?',
    ]);
    expect(unused(optional, ['other'])).toEqual([
      'its credentials have "other", which is not one of its security schemes. Use one of bearerAuth, key, or add it to securitySchemes.',
    ]);
  });

  it('may have names that only other operations use', () => {
    const both = paths({ security: [{ bearerAuth: [] }] }, { security: [{ key: [] }] });
    expect(unused(both, ['bearerAuth', 'key'])).toEqual([]);
    expect(unused(paths({ security: [] }, { security: [{ bearerAuth: [] }] }), ['bearerAuth'])).toEqual([]);
  });

  it('are not checked if their names are not known at startup', () => {
    const document = { root: { ...paths({}) }, is30: false };
    expect(unusedCredentials(document, [], { credentials: { credentialsFor: () => ({}) } })).toEqual([]);
  });
});
