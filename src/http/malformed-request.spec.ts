import { malformedRequest, pathOf } from './malformed-request.js';

const problemOf = (host: string | undefined, url = '/mcp'): string | undefined =>
  malformedRequest({ headers: { host }, rawHeaders: host === undefined ? [] : ['Host', host], url });

describe('malformedRequest', () => {
  it.each([
    undefined,
    'localhost',
    'mcp.example.com:8443',
    'my_service:3002',
    '127.0.0.1',
    '[::1]:3002',
    'evil.example',
  ])('accepts the Host %s', (host) => {
    expect(problemOf(host)).toBeUndefined();
  });

  it.each([
    '',
    'user@localhost',
    'localhost/mcp',
    'localhost?x',
    'localhost#x',
    'localhost\\x',
    'a b',
    'a,b',
    ':80',
    'a:b',
    '::1',
    'localhost:',
  ])('rejects the Host %j', (host) => {
    expect(problemOf(host)).toMatch(/Host/);
  });

  it('rejects two Host headers, in any letter case', () => {
    const rawHeaders = ['Host', 'localhost', 'Accept', '*/*', 'hOST', 'localhost'];
    expect(malformedRequest({ headers: { host: 'localhost' }, rawHeaders, url: '/' })).toMatch(
      /more than one/,
    );
  });

  it.each(['/%', '/%ff', '/a%2', '/%C0%80', '/%zz?x'])('rejects the path %s without repeating it', (url) => {
    expect(problemOf('localhost', url)).toBe('The path has invalid percent-encoding.');
  });

  it.each(['/', '/a%20b', '/%C3%A9', '/x?%ff', '*'])('accepts the path %s', (url) => {
    expect(problemOf('localhost', url)).toBeUndefined();
  });

  it.each(['http://localhost/mcp', 'HTTP://LOCALHOST/mcp', 'https://localhost?x'])(
    'accepts the target %s, which matches the Host header',
    (url) => {
      expect(problemOf('localhost', url)).toBeUndefined();
    },
  );

  it.each([
    'http://evil.example/mcp',
    'http://user@localhost/mcp',
    'http://localhost:81/mcp',
    'http://localhost@evil.example/mcp',
    'http:///mcp',
    'ftp://localhost/mcp',
    'evil.example:443',
  ])('rejects the target %s without repeating it', (url) => {
    expect(problemOf('localhost', url)).toBe('The request target does not match the Host header.');
  });
});

describe('pathOf', () => {
  it.each([
    ['/mcp?token=x', '/mcp'],
    ['/mcp#token', '/mcp'],
    ['/a//b://c@d', '/a//b://c@d'],
    ['http://user:secret@evil.example/mcp?x', '/mcp'],
    ['http://user:secret@evil.example', '/'],
    ['http://user:secret@evil.example?x', '/'],
    ['*', '*'],
  ])('reduces %s to %s', (target, path) => {
    expect(pathOf(target)).toBe(path);
  });
});
