import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, createServer } from 'node:tls';

import { Logger } from '@nestjs/common';

import { createCertificates } from '../../test/support/certificates.js';
import { redisSettings } from '../../test/support/redis.js';
import { until } from '../../test/support/until.js';
import { listen } from '../values/listen.js';
import { connect } from './connect.js';
import { credentialsOf } from './credentials.js';

describe('the name in the certificate of Redis', () => {
  const nameFor = (url: string, further?: NodeJS.ProcessEnv): unknown =>
    credentialsOf(redisSettings(url, further)).tls?.servername;

  it.each([
    ['the host of a server', 'rediss://redis.example.com', 'redis.example.com'],
    ['without a trailing dot', 'rediss://redis.example.com.', 'redis.example.com'],
    ['none for an IPv4 address', 'rediss://192.0.2.7', undefined],
    ['none for an IPv6 address', 'rediss://[2001:db8::1]', undefined],
    ['none for Sentinels', 'rediss+sentinel://one.example.com,two.example.com/main', undefined],
    ['none for a Cluster', 'rediss+cluster://one.example.com,two.example.com', undefined],
  ])('is %s', (_what, url, name) => expect(nameFor(url)).toBe(name));

  it('is REDIS_TLS_SERVER_NAME if it is set', () => {
    const own = { REDIS_TLS_SERVER_NAME: 'own.example.com' };
    expect(nameFor('rediss://redis.example.com', own)).toBe('own.example.com');
  });

  it('is sent to a server that chooses its certificate by name', async () => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const folder = mkdtempSync(join(tmpdir(), 'aerie-sni-'));
    const { ca, server } = createCertificates(folder, ['localhost']);
    const context = createSecureContext({
      cert: readFileSync(`${server}.pem`),
      key: readFileSync(`${server}.key`),
    });
    const names: string[] = [];
    let accepted = 0;
    const tls = createServer({
      SNICallback: (name, done) => {
        names.push(name);
        done(null, context);
      },
    });
    tls.on('tlsClientError', () => {}).on('secureConnection', () => accepted++);
    const url = `rediss://localhost:${await listen(tls)}`;
    const redis = connect(redisSettings(url, { REDIS_TLS_CA_FILE: ca }));
    try {
      await until(() => accepted > 0, 5_000);
      expect([accepted > 0, names[0]]).toEqual([true, 'localhost']);
    } finally {
      redis.disconnect();
      tls.close();
      rmSync(folder, { recursive: true });
    }
  });
});
