import { loopbackNamesOf, underLoopbackName } from './loopback.js';

describe('loopbackNamesOf', () => {
  it.each([
    [
      'http://localhost:3002/mcp',
      ['http://localhost:3002/mcp', 'http://127.0.0.1:3002/mcp', 'http://[::1]:3002/mcp'],
    ],
    ['http://[::1]:3002', ['http://[::1]:3002', 'http://localhost:3002', 'http://127.0.0.1:3002']],
    ['https://127.0.0.1/', ['https://127.0.0.1/', 'https://localhost/', 'https://[::1]/']],
    ['https://mcp.example.com/mcp', ['https://mcp.example.com/mcp']],
    ['http://localhost.example.com/mcp', ['http://localhost.example.com/mcp']],
  ])('returns the names of %s', (url, names) => {
    expect(loopbackNamesOf(url)).toEqual(names);
  });
});

describe('underLoopbackName', () => {
  const URL_HERE = 'http://localhost:3002/mcp';

  it.each([
    [URL_HERE, '127.0.0.1:3002', 'http://127.0.0.1:3002/mcp'],
    [URL_HERE, '[::1]:3002', 'http://[::1]:3002/mcp'],
    [URL_HERE, 'LOCALHOST:3002', URL_HERE],
    ['http://127.0.0.1/mcp', 'localhost', 'http://localhost/mcp'],
    ['http://127.0.0.1/mcp', 'localhost:80', 'http://localhost/mcp'],
    [URL_HERE, '127.0.0.1:3003', URL_HERE],
    [URL_HERE, '127.0.0.1', URL_HERE],
    [URL_HERE, 'evil.example:3002', URL_HERE],
    [URL_HERE, 'localhost.evil.example:3002', URL_HERE],
    [URL_HERE, '127.0.0.1:3002/evil', 'http://127.0.0.1:3002/mcp'],
    [URL_HERE, 'not a host', URL_HERE],
    [URL_HERE, '', URL_HERE],
    [URL_HERE, undefined, URL_HERE],
    ['https://mcp.example.com/mcp', '127.0.0.1', 'https://mcp.example.com/mcp'],
  ])('rewrites %s for the Host %s', (url, host, expected) => {
    expect(underLoopbackName(url, host)).toBe(expected);
  });
});
