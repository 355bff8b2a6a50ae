import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';

import { ConfigurationError } from './configuration-error.js';
import { loadConfiguration } from './load-configuration.js';
import { parseRedisUrl } from './redis-url.js';

const nothing = { master: undefined, database: 0, username: undefined, password: undefined };

describe('REDIS_URL', () => {
  it.each([
    ['redis://redis', { kind: 'server', nodes: [{ host: 'redis', port: 6379 }] }],
    ['REDISS://[::1]:7000/3', { isEncrypted: true, nodes: [{ host: '::1', port: 7000 }], database: 3 }],
    ['redis://:p%40ss:word@redis', { password: 'p@ss:word' }],
    ['redis://user:pass@redis/', { username: 'user', password: 'pass' }],
    ['redis://user@redis', { username: 'user', password: undefined }],
    [
      'redis+sentinel://:secret@one,two:5000/my%20master/2',
      {
        kind: 'sentinel',
        nodes: [
          { host: 'one', port: 26_379 },
          { host: 'two', port: 5000 },
        ],
        master: 'my master',
        database: 2,
        password: 'secret',
      },
    ],
    ['rediss+cluster://one,two', { kind: 'cluster', isEncrypted: true }],
  ])('reads %s', (url, expected) => {
    expect(parseRedisUrl(url)).toMatchObject({ ...nothing, ...expected });
  });

  it.each([
    'http://redis',
    'redis://',
    'redis://redis:0',
    'redis://redis:70000',
    'redis://one,,two',
    'redis://redis/x',
    'redis://redis/0/1',
    'redis://redis?db=1',
    'redis+cluster://one/name/0',
    'redis+other://one',
  ])('rejects %s', (url) => {
    expect(parseRedisUrl(url)).toBeUndefined();
  });
});

describe('the settings of Redis', () => {
  const problemsOf = (variables: NodeJS.ProcessEnv): string[] => {
    try {
      loadConfiguration(variables);
    } catch (error) {
      if (error instanceof ConfigurationError)
        return error.problems.map(({ variable, problem }) => `${variable} ${problem}`);
    }
    return [];
  };
  const certificate = execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=redis', '-days', '1', '-keyout', '-'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  ).toString();
  const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

  it.each([
    ['redis://one,two', {}, 'REDIS_URL names several hosts.'],
    ['redis+sentinel://one', {}, 'REDIS_URL names Sentinels, but not the master'],
    ['redis+cluster://one/1', {}, 'REDIS_URL selects database 1'],
    ['redis://:a@one', { REDIS_PASSWORD: 'b' }, 'REDIS_PASSWORD is set, and REDIS_URL has a password'],
    ['redis://one', { REDIS_SENTINEL_PASSWORD: 'b' }, 'REDIS_SENTINEL_PASSWORD is set, but'],
    [
      'redis+sentinel://one/mymaster',
      { REDIS_SENTINEL_USERNAME: 'b' },
      'REDIS_SENTINEL_PASSWORD is not set, but REDIS_SENTINEL_USERNAME is.',
    ],
    ['redis://one', { REDIS_TLS_CA: certificate }, 'REDIS_TLS_CA is set, but REDIS_URL does not use TLS.'],
    ['rediss://one', { REDIS_TLS_CA: 'no certificate' }, 'REDIS_TLS_CA "no certificate" is invalid.'],
    ['rediss://one', { REDIS_TLS_CERTIFICATE: certificate }, 'REDIS_TLS_KEY is not set'],
    [
      'rediss://one',
      { REDIS_TLS_CERTIFICATE: certificate, REDIS_TLS_KEY: otherKey },
      'REDIS_TLS_KEY is not the key of REDIS_TLS_CERTIFICATE.',
    ],
    ['', { REDIS_PASSWORD: 'b' }, 'REDIS_PASSWORD is set without REDIS_URL.'],
  ])('report a problem of %s with other settings: %#', (url, further, problem) => {
    expect(problemsOf({ REDIS_URL: url, ...further })).toEqual([expect.stringContaining(problem)]);
  });

  it.each(['REDIS_TLS_CA', 'REDIS_TLS_CERTIFICATE'])('never repeat a private key in %s', (variable) => {
    expect(problemsOf({ REDIS_URL: 'rediss://one', [variable]: otherKey })).toContain(
      `${variable} is invalid.`,
    );
  });

  it('accept a certificate with its key', () => {
    const pair = { REDIS_TLS_CERTIFICATE: certificate, REDIS_TLS_KEY: certificate };
    expect(problemsOf({ REDIS_URL: 'rediss://one', ...pair })).toEqual([]);
  });
});
