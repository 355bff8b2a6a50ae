import { redirectKind } from './redirect-uri.js';

describe('redirectKind', () => {
  it.each([
    ['https://claude.ai/api/mcp/auth_callback', 'https'],
    ['https://vscode.dev/redirect', 'https'],
    ['https://localhost:8443/callback', 'local-https'],
    ['http://127.0.0.1:33418', 'loopback'],
    ['http://127.0.0.1/callback?from=editor', 'loopback'],
    ['http://localhost:6274/oauth/callback', 'loopback'],
    ['http://LOCALHOST:6274/oauth/callback', 'loopback'],
    ['http://[::1]:1/callback', 'loopback'],
    ['cursor://anysphere.cursor-mcp/oauth/callback', 'private-use'],
    ['vscode://vscode.github-authentication/did-authenticate', 'private-use'],
    ['com.example.app:/callback', 'private-use'],
    ['com.googleusercontent.apps.123:callback', 'private-use'],
    ['myapp:///callback', 'private-use'],
  ])('accepts %s', (uri, kind) => {
    expect(redirectKind(uri)).toBe(kind);
  });

  it.each([
    'http://evil.example/callback',
    'http://10.0.0.5/cb',
    'http://192.168.1.2:3000/cb',
    'http://localhost.evil.example/cb',
    'http://127.0.0.1.nip.io/cb',
    'http://localhost@evil.example/cb',
    'http://user:password@127.0.0.1/cb',
    'https://user@claude.ai/callback',
    'cursor://user@host/callback',
    'https://claude.ai/callback#fragment',
    'https://claude.ai/callback#',
    'cursor://host/callback#fragment',
    'urn:ietf:wg:oauth:2.0:oob',
    'javascript:alert(1)',
    'JavaScript://%0aalert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'blob:https://claude.ai/1',
    'about:blank',
    'vbscript:x',
    'view-source:https://claude.ai',
    'intent://scan/#Intent;scheme=x;end',
    'ws://127.0.0.1/cb',
    'ftp://127.0.0.1/cb',
    'mailto:alice@example.com',
    'tel:1',
    'https://',
    'https://exämple.com/cb',
    'https://claude.ai/a b',
    '/callback',
    'not a url',
    '',
    7,
    null,
    undefined,
    {},
    ['https://claude.ai/callback'],
  ])('refuses %j', (uri) => {
    expect(redirectKind(uri)).toBeUndefined();
  });
});
