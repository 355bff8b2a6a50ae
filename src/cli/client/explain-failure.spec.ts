import * as sdk from '@modelcontextprotocol/client';

import { explainFailure } from './explain-failure.js';

const URL_OF_SERVER = new URL('https://mcp.example.com/mcp');

describe('explainFailure', () => {
  const refused = (status: number, text: string): unknown =>
    explainFailure(
      new sdk.SdkHttpError(sdk.SdkErrorCode.ClientHttpNotImplemented, `Error POSTing to endpoint: ${text}`, {
        status,
        text,
      }),
      URL_OF_SERVER,
      sdk,
      {},
    );

  it.each([
    [
      429,
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32029,"message":"The limit of 5 calls is reached. Try again in 55 s."}}',
      'The limit of 5 calls is reached. Try again in 55 s.',
    ],
    [
      401,
      '{"error":"invalid_token","error_description":"The token was revoked."}',
      'https://mcp.example.com/mcp rejects the token: The token was revoked. The command doctor checks it.',
    ],
    [
      401,
      'no JSON',
      'https://mcp.example.com/mcp rejects the token: it does not say why. The command doctor checks it.',
    ],
    [502, '<html>Bad gateway</html>', 'Error POSTing to endpoint: <html>Bad gateway</html>'],
    [500, '{"error":"server_error"}', 'Error POSTing to endpoint: {"error":"server_error"}'],
  ])('says what the server answered to %i %s', (status, text, message) => {
    expect(refused(status, text)).toMatchObject({ message });
  });

  it.each([
    [
      { requiredScope: 'a b', errorDescription: 'Requires a and b.' },
      "Requires a and b. Ask for it with --scope 'a b'.",
    ],
    [
      { requiredScope: 'a $(reboot)', errorDescription: 'Requires more.' },
      "Requires more. Ask for it with --scope 'a $(reboot)'.",
    ],
    [{}, 'The token lacks a scope. The server does not say which. Ask for scopes with --scope.'],
  ])('names the scopes of the challenge %o', (challenge, message) => {
    const failure = explainFailure(new sdk.InsufficientScopeError(challenge), URL_OF_SERVER, sdk, {});
    expect(failure).toMatchObject({ message });
  });

  it.each([
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      {},
      'https://mcp.example.com/mcp cannot be reached (why). Check that the server runs, or name another one with --url. If the certificate is of a private authority, set NODE_EXTRA_CA_CERTS to the file of its root certificate.',
    ],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      {},
      /^https:\/\/mcp\.example\.com\/mcp cannot be reached \(why\)\. Check .* --url\.$/,
    ],
    [
      'ECONNREFUSED',
      {},
      'https://mcp.example.com/mcp cannot be reached (why). Check that the server runs, or name another one with --url.',
    ],
    [
      'ENOTFOUND',
      { HTTPS_PROXY: 'http://proxy.example.com' },
      /--url\. HTTPS_PROXY is set, but Node\.js uses it only with NODE_USE_ENV_PROXY=1/,
    ],
  ])('says what to do about %s', (code, variables, message) => {
    const cause = Object.assign(new Error('why'), { code });
    const failed = new TypeError('fetch failed', { cause });
    expect(() => {
      throw explainFailure(failed, URL_OF_SERVER, sdk, variables);
    }).toThrow(message);
  });

  it('does not blame a proxy if a server on this machine cannot be reached', () => {
    const failed = new TypeError('fetch failed', { cause: new Error('why') });
    const variables = { HTTPS_PROXY: 'http://proxy.example.com' };
    const local = new URL('http://localhost:3002/mcp');
    expect(explainFailure(failed, local, sdk, variables)).toMatchObject({
      message:
        'http://localhost:3002/mcp cannot be reached (why). Check that the server runs, or name another one with --url.',
    });
  });

  it('returns an error whose causes are circular', () => {
    const first = new Error('first');
    first.cause = new Error('second', { cause: first });
    expect(explainFailure(first, URL_OF_SERVER, sdk, {})).toBe(first);
  });
});
