import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DevIssuer } from '../dev-issuer/dev-issuer.js';
import { freePort } from '../values/listen.js';
import { type ConfiguredIssuer, MemoryIssuer, scalekitIssuer } from './test-issuer.js';
import { RedisRelay } from './test-redis.js';

export interface EnvironmentOptions {
  /** Variables of the configuration, such as `TOOL_TIMEOUT`, in addition to those that the test needs. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Path of the endpoint; default `/mcp`, or the path at which the modules of the test import Aerie. */
  readonly path?: string;
  /** Listens on this port of the loopback interface; 0 selects a free port. Default: no port. */
  readonly port?: number;
  /**
   * Starts an issuer of `aerie-mcp/dev-issuer`, which the application trusts as it trusts Scalekit. Default: an issuer
   * in memory.
   */
  readonly issuer?: (resourceUrl: string) => Promise<DevIssuer>;
  /** URL of a Redis, for the failures of `aerie.redis`. */
  readonly redis?: string;
}

/** Higher than the number of calls that a test makes at once, such as those of `expectTenantIsolation`. */
const MAX_CALLS_IN_FLIGHT = '100000';

/** Surroundings of an application under test. */
export interface TestEnvironment {
  readonly port: number | undefined;
  readonly issuer: ConfiguredIssuer;
  readonly redis: RedisRelay | undefined;
  /** Variables of the application. */
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** @param memoryIssuer issuer of a test without one of its own */
export async function openEnvironment(
  { variables, path = '/mcp', port: wanted, issuer: startIssuer, redis: redisUrl }: EnvironmentOptions,
  memoryIssuer: MemoryIssuer,
): Promise<TestEnvironment> {
  const port = wanted === 0 ? await freePort() : wanted;
  const origin = port === undefined ? 'http://localhost' : `http://localhost:${port}`;
  const url = origin + path;
  const stateDirectory = mkdtempSync(join(tmpdir(), 'aerie-test-'));
  let issuer: ConfiguredIssuer = memoryIssuer;
  let redis: RedisRelay | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([issuer.close(), redis?.close(), rm(stateDirectory, { recursive: true, force: true })]);
  };
  try {
    if (startIssuer) issuer = scalekitIssuer(await startIssuer(url), url);
    if (redisUrl !== undefined) redis = await RedisRelay.open(redisUrl);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    port,
    issuer,
    redis,
    variables: {
      NODE_ENV: 'test',
      RESOURCE_URL: url,
      STATE_DIRECTORY: stateDirectory,
      RATE_LIMIT_CALLER: 'off',
      RATE_LIMIT_ORGANIZATION: 'off',
      MAX_CALLS_IN_FLIGHT,
      MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: MAX_CALLS_IN_FLIGHT,
      MAX_CALLS_IN_FLIGHT_PER_CALLER: MAX_CALLS_IN_FLIGHT,
      SIGNING_KEYS_COOLDOWN: '1ms',
      ...(port !== undefined && { PORT: String(port) }),
      ...(redis && { REDIS_URL: redis.url }),
      ...issuer.variables,
      ...variables,
    },
    close,
  };
}
