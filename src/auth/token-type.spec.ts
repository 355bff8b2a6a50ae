import { requireAccessTokenType } from './token-type.js';

describe('requireAccessTokenType', () => {
  it.each([
    undefined,
    'JWT',
    'jwt',
    'at+jwt',
    'AT+JWT',
    'application/at+jwt',
    'Application/AT+JWT',
    'application/jwt',
    'APPLICATION/JWT',
  ])('accepts %j', (type) => {
    expect(() => requireAccessTokenType(type)).not.toThrow();
  });

  it.each([
    '',
    'id+jwt',
    'logout+jwt',
    'dpop+jwt',
    'application/jwt+at',
    'application/',
    'application/application/jwt',
    'text/jwt',
    'jwt\n',
    'at+jwt ',
    'jwt,at+jwt',
    null,
    7,
    ['JWT'],
  ])('rejects %j', (type) => {
    expect(() => requireAccessTokenType(type)).toThrow('not an access token');
  });
});
