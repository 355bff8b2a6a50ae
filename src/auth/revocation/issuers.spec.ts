import { loadConfiguration } from '../../config/load-configuration.js';
import { principalIssuer, principalIssuers } from './issuers.js';

describe('the issuer of a Principal', () => {
  const own = 'https://idp.example/resources/res_1';
  const configuration = loadConfiguration({
    AUTH_MODE: 'scalekit,jwt',
    SK_ENV_URL: 'https://acme.scalekit.com',
    SK_CLIENT_SECRET: 'none',
    MCP_SERVER_ID: 'res_123',
    RESOURCE_URL: 'https://mcp.example.com/mcp',
    JWT_JWKS_URI: 'https://idp.example/keys',
    JWT_ISSUER: own,
  });

  it.each([
    ['the environment', 'https://acme.scalekit.com', 'https://acme.scalekit.com'],
    [
      'a server of the environment',
      'https://acme.scalekit.com/resources/res_123',
      'https://acme.scalekit.com',
    ],
    ['another server of it', 'https://acme.scalekit.com/resources/res_456', 'https://acme.scalekit.com'],
    [
      'a server of another environment',
      'https://other.scalekit.com/resources/res_7',
      'https://other.scalekit.com',
    ],
    ['a trusted issuer that looks like one', own, own],
    ['an issuer of another endpoint', 'https://machines.example', 'https://machines.example'],
  ])('is for %s %s', (_what, iss, issuer) => {
    expect(principalIssuer(iss, configuration)).toBe(issuer);
  });

  it('is the environment, or an issuer of own keys', () => {
    expect(principalIssuers(configuration)).toEqual(['https://acme.scalekit.com', own]);
  });
});
