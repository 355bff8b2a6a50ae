import { authorize, securityOf } from './security.js';

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
