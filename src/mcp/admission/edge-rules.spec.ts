import { isAllowedHost, isAllowedOrigin } from './edge-rules.js';

const edge = {
  allowedHosts: ['mcp.example.com', '[::1]'],
  allowedOrigins: ['https://app.example.com'],
  allowLoopback: false,
};

describe('the edge rules', () => {
  it.each(['mcp.example.com', 'MCP.example.com:8443', '[::1]:3002'])('accept the host %s', (host) => {
    expect(isAllowedHost(host, edge)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'example.com',
    'mcp.example.com.evil.org',
    'evil.org@mcp.example.com.',
    'a b',
    ':80',
  ])('reject the host %s', (host) => {
    expect(isAllowedHost(host, edge)).toBe(false);
  });

  it.each([undefined, 'https://app.example.com'])('accept the origin %s', (origin) => {
    expect(isAllowedOrigin(origin, edge)).toBe(true);
  });

  it.each(['', 'null', 'http://app.example.com', 'https://app.example.com:444', 'http://localhost:3002'])(
    'reject the origin %s',
    (origin) => {
      expect(isAllowedOrigin(origin, edge)).toBe(false);
    },
  );

  it('accept loopback origins on any port, or all origins, if configured', () => {
    expect(isAllowedOrigin('http://localhost:6274', { ...edge, allowLoopback: true })).toBe(true);
    expect(isAllowedOrigin('https://localhost.evil.org', { ...edge, allowLoopback: true })).toBe(false);
    expect(isAllowedOrigin('https://any.example', { ...edge, allowedOrigins: ['*'] })).toBe(true);
  });

  it.each([
    'chrome-extension://localhost',
    'moz-extension://localhost',
    'vscode-webview://localhost',
    'file://localhost',
    'ftp://localhost',
    'null',
    'http://user@localhost',
    'http://localhost/path',
    'http://localhost:3002/',
  ])('reject the origin %s even if all origins are allowed', (origin) => {
    expect(isAllowedOrigin(origin, { ...edge, allowLoopback: true })).toBe(false);
    expect(isAllowedOrigin(origin, { ...edge, allowedOrigins: ['*'] })).toBe(false);
  });
});
