import { generateKeyPairSync } from 'node:crypto';

import { Logger } from '@nestjs/common';

import { loadConfiguration } from '../config/load-configuration.js';
import { MissingTokenError } from './auth-errors.js';
import { ProtectedResource } from './protected-resource.js';

const SCALEKIT = { SK_ENV_URL: 'https://acme.scalekit.com', MCP_SERVER_ID: 'res_1' };
const RESOURCE = { RESOURCE_URL: 'https://mcp.example.com/mcp' };
const OWN_KEYS = {
  JWT_PUBLIC_KEY: generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString(),
  JWT_ISSUER: 'machines',
  JWT_REQUIRED_SCOPES: 'machine',
};

const resourceWith = (variables: NodeJS.ProcessEnv): ProtectedResource => {
  const resource = new ProtectedResource(loadConfiguration(variables));
  resource.declareScopes(() => ({
    published: ['b', 'a'],
    secret: ['vault'],
    basic: ['a'],
    uses: new Map([['a', ['List todos']]]),
  }));
  resource.onApplicationBootstrap();
  return resource;
};

describe('ProtectedResource', () => {
  it('publishes the scopes of tools, requests the basic ones, and also grants those of secret tools', () => {
    const resource = resourceWith({ ...SCALEKIT, ...RESOURCE });
    expect(resource.metadataFor(undefined).scopes_supported).toEqual(['a', 'b']);
    expect(resource.signInScopes).toEqual(['a']);
    expect(resource.grantableScopes).toEqual(['a', 'b', 'vault']);
  });

  it('requests the configured sign-in scopes', () => {
    const resource = resourceWith({ ...SCALEKIT, ...RESOURCE, SIGN_IN_SCOPES: 'b' });
    expect(resource.metadataFor(undefined).scopes_supported).toEqual(['a', 'b']);
    expect(resource.signInScopes).toEqual(['b']);
  });

  it('does not request a scope that includes another or is missing from the configured list', () => {
    const broad = resourceWith({ ...SCALEKIT, ...RESOURCE, SCOPE_HIERARCHY: 'a > b' });
    expect(broad.signInScopes).toEqual([]);
    const PROTECTED_RESOURCE_METADATA = JSON.stringify({
      resource: RESOURCE.RESOURCE_URL,
      authorization_servers: ['https://acme.scalekit.com/resources/res_1'],
      scopes_supported: ['b'],
    });
    jest.spyOn(Logger.prototype, 'warn').mockReturnValueOnce();
    const unknown = resourceWith({ SK_ENV_URL: SCALEKIT.SK_ENV_URL, PROTECTED_RESOURCE_METADATA });
    expect(unknown.signInScopes).toEqual([]);
  });

  it('uses the requested loopback name in development, but never in production', () => {
    const local = { ...SCALEKIT, RESOURCE_URL: 'http://localhost:3002/mcp' };
    const resource = resourceWith(local);
    expect(resource.metadataFor('127.0.0.1:3002').resource).toBe('http://127.0.0.1:3002/mcp');
    expect(resource.metadataFor('127.0.0.1:3003').resource).toBe('http://localhost:3002/mcp');
    expect(resource.metadataFor(undefined)).toBe(resource.metadataFor('localhost:3002'));
    expect(resource.challengeFor(new MissingTokenError(), '[::1]:3002')).toContain(
      'resource_metadata="http://[::1]:3002/.well-known/oauth-protected-resource/mcp"',
    );
    const deployed = resourceWith({
      ...local,
      NODE_ENV: 'production',
      RESOURCE_URL: 'https://localhost/mcp',
    });
    expect(deployed.metadataFor('127.0.0.1').resource).toBe('https://localhost/mcp');
    expect(deployed.challengeFor(new MissingTokenError(), '127.0.0.1')).toContain('"https://localhost/.well');
  });

  it('publishes the scopes required of own-key tokens only if no other tokens are trusted', () => {
    const alone = resourceWith({ AUTH_MODE: 'jwt', ...RESOURCE, ...OWN_KEYS });
    expect(alone.metadataFor(undefined).scopes_supported).toEqual(['a', 'b', 'machine']);
    const combined = resourceWith({ AUTH_MODE: 'scalekit,jwt', ...SCALEKIT, ...RESOURCE, ...OWN_KEYS });
    expect(combined.metadataFor(undefined).scopes_supported).toEqual(['a', 'b']);
    expect(alone.signInScopes).toEqual(['a', 'machine']);
    expect(combined.signInScopes).toEqual(['a']);
  });

  it('warns about missing and unused scopes of a configured list only', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const listing = (...scopes: string[]): NodeJS.ProcessEnv => ({
      AUTH_MODE: 'scalekit,jwt',
      SK_ENV_URL: SCALEKIT.SK_ENV_URL,
      ...OWN_KEYS,
      SCOPE_HIERARCHY: 'everything > a',
      PROTECTED_RESOURCE_METADATA: JSON.stringify({
        resource: RESOURCE.RESOURCE_URL,
        authorization_servers: ['https://acme.scalekit.com/resources/res_1'],
        scopes_supported: scopes,
      }),
    });
    resourceWith(listing('a', 'b'));
    resourceWith(listing('a', 'b', 'vault', 'everything', 'machine', 'openid'));
    expect(warn).not.toHaveBeenCalled();
    resourceWith(listing('a', 'nobody:needs'));
    expect(warn.mock.calls.map(([message]: unknown[]) => message)).toEqual([
      expect.stringContaining('lacks b:'),
      expect.stringContaining('has nobody:needs, which'),
    ]);
  });

  it('warns about unknown sign-in scopes and suggests the closest name', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const asking = (scopes: string): ProtectedResource =>
      resourceWith({ ...SCALEKIT, ...RESOURCE, SCOPE_HIERARCHY: 'all > a', SIGN_IN_SCOPES: scopes });
    asking('a b vault all openid offline_access');
    expect(warn).not.toHaveBeenCalled();
    asking('vaults nope:scope a');
    expect(warn.mock.calls.map(([message]: unknown[]) => message)).toEqual([
      expect.stringMatching(
        /^SIGN_IN_SCOPES has vaults, which nothing on this server needs.* Did you mean vault\?$/,
      ),
      expect.stringMatching(/^SIGN_IN_SCOPES has nope:scope, which nothing .* Correct it, or remove it\.$/),
    ]);
  });
});
