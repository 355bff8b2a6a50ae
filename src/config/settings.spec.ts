import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ConfigType } from '@nestjs/config';
import { z } from 'zod';

import { ConfigurationError } from './configuration-error.js';
import { settings } from './settings.js';

const billing = settings(
  'billing',
  z.object({
    BILLING_URL: z.url('Use the URL of the billing service.'),
    BILLING_KEY: z.string('Use the key that the billing service shows.'),
    BILLING_RETRIES: z.coerce.number().int().default(3),
  }),
);

const problemsWith = (variables: NodeJS.ProcessEnv): unknown => {
  Object.assign(process.env, variables);
  try {
    return billing();
  } catch (error) {
    return error instanceof ConfigurationError ? error.problems : error;
  }
};

describe('settings of a deployment', () => {
  const before = process.env;
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-settings-'));
    process.env = {};
  });
  afterEach(() => {
    process.env = before;
    rmSync(directory, { recursive: true });
  });

  it('are parsed and frozen', () => {
    const value = problemsWith({ BILLING_URL: ' https://billing.internal ', BILLING_KEY: 'key' });
    expect(value).toEqual({
      BILLING_URL: 'https://billing.internal',
      BILLING_KEY: 'key',
      BILLING_RETRIES: 3,
    });
    expect(Object.isFrozen(value)).toBe(true);
  });

  it('can come from files', () => {
    writeFileSync(join(directory, 'key'), 'from-file\n');
    const value = problemsWith({
      BILLING_URL: 'https://billing.internal',
      BILLING_KEY_FILE: join(directory, 'key'),
    });
    expect(value).toMatchObject({ BILLING_KEY: 'from-file' });
  });

  it('report every problem at once, without values', () => {
    expect(problemsWith({ BILLING_URL: 'secret-but-no-url', BILLING_KEY: '' })).toEqual([
      { variable: 'BILLING_URL', problem: 'is invalid.', remedy: 'Use the URL of the billing service.' },
      {
        variable: 'BILLING_KEY',
        problem: 'is not set.',
        remedy: 'Use the key that the billing service shows.',
      },
    ]);
  });

  it('have the types of their schema, for an injected namespace too', () => {
    type IsAny<Value> = 0 extends 1 & Value ? true : false;
    const isAny: IsAny<ConfigType<typeof billing>['BILLING_URL']> = false;
    expect(isAny).toBe(false);
  });
});
