import 'reflect-metadata';

import { Module, ServiceUnavailableException } from '@nestjs/common';
import { Gauges } from 'aerie-mcp';
import { AerieTest } from 'aerie-mcp/testing';
import { expect, it } from 'vitest';

import { HealthController } from './health.controller.js';

@Module({ controllers: [HealthController] })
class HealthModule {}

it('is ready once keys and revocations are loaded', async () => {
  const aerie = await AerieTest.create({ imports: [HealthModule] }).compile();
  try {
    await aerie.as({ subject: 'alice' }).listTools(); // loads the keys
    expect((await aerie.fetch(new URL('/health/ready', aerie.url))).status).toBe(200);
  } finally {
    await aerie.close();
  }
});

it('is not ready without keys', () => {
  const gauges = new Gauges();
  gauges.add({ name: 'aerie.signing_keys.age', unit: 's', description: 'Age', read: () => undefined });
  expect(() => new HealthController(gauges).ready()).toThrow(ServiceUnavailableException);
});
