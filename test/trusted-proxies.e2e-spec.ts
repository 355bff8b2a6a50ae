import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AerieModule, fromEnvironment } from '../src/index.js';
import { AerieTest } from '../src/testing/index.js';
import { until } from './support/until.js';

/** Addresses of the client and of the proxy in front. */
const FORWARDED = '203.0.113.7, 10.0.0.1';

/** Returns the address that an application logs for a forwarded request. */
async function loggedAddress(
  own: Record<string, string>,
  prepare?: (application: NestExpressApplication) => void,
  forwarded = FORWARDED,
): Promise<unknown> {
  const lines: Record<string, unknown>[] = [];
  const write = (fields: object): void => void lines.push({ ...fields });
  const kit = await AerieTest.start(
    async (variables) => {
      const log = { debug: write, info: write, warn: write, error: write };
      @Module({ imports: [AerieModule.forRoot(fromEnvironment({ ...variables, ...own }), { log })] })
      class TeamModule {}
      const application = await NestFactory.create<NestExpressApplication>(TeamModule, { logger: false });
      prepare?.(application);
      return application;
    },
    { port: 0 },
  );
  try {
    await kit.fetch(kit.url, { method: 'POST', headers: { 'x-forwarded-for': forwarded } });
    await until(() => lines.some(({ status }) => status === 401));
    return lines.find(({ status }) => status === 401)?.['address'];
  } finally {
    await kit.close();
  }
}

describe('the address of a caller in an application', () => {
  it('is that of the connection without trusted proxies', async () => {
    expect(await loggedAddress({})).toBe('127.0.0.1');
  });

  it('is that in front of the proxies in TRUSTED_PROXIES', async () => {
    expect(await loggedAddress({ TRUSTED_PROXIES: 'loopback, 10.0.0.0/8' })).toBe('203.0.113.7');
  });

  it('is logged without the port that a proxy adds', async () => {
    const proxies = { TRUSTED_PROXIES: 'loopback, 10.0.0.0/8' };
    expect(await loggedAddress(proxies, undefined, '203.0.113.7:50001, 10.0.0.1')).toBe('203.0.113.7');
  });

  it('is that in front of a trusted proxy with a port', async () => {
    const proxies = { TRUSTED_PROXIES: 'loopback, 10.0.0.0/8' };
    expect(await loggedAddress(proxies, undefined, '203.0.113.7, 10.0.0.1:50001')).toBe('203.0.113.7');
  });

  it("follows the application's own setting of Express", async () => {
    const proxies = { TRUSTED_PROXIES: 'loopback, 10.0.0.0/8' };
    const own = (application: NestExpressApplication): void => void application.set('trust proxy', 1);
    expect(await loggedAddress(proxies, own)).toBe('10.0.0.1');
  });
});
