import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { Injectable, Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';

import { startAerie } from './support/aerie.js';
import { NODE_COMPILE_CACHE } from './support/built-application.js';

@Injectable()
class Billing {
  constructor(readonly config: ConfigService) {}
}

@Module({ providers: [Billing] })
class BillingModule {}

const DEPLOYMENT = resolve(__dirname, 'support/own-settings.mjs');

describe("a deployment's own settings", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-settings-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const start = (
    environment: NodeJS.ProcessEnv,
  ): Promise<{ code: number; stdout: string; stderr: string }> => {
    return new Promise((done) => {
      const env = { PATH: process.env['PATH'], NODE_COMPILE_CACHE, LOG_LEVEL: 'silent', ...environment };
      execFile(process.execPath, [DEPLOYMENT], { cwd: directory, env }, (error, stdout, stderr) =>
        done({ code: error ? 1 : 0, stdout, stderr }),
      );
    });
  };

  const writeEnvFile = (variables: Record<string, string>): void => {
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    writeFileSync(join(directory, '.env'), lines.join('\n'));
  };

  it('come from the environment and .env, with the precedence of Aerie’s variables', async () => {
    writeEnvFile({
      BILLING_URL: 'https://file.internal',
      BILLING_KEY: 'from-file',
      SHIPPING_URL: 'https://shipping.internal',
      MAIL_FROM: 'team@example.com',
      RESOURCE_URL: 'https://file.example.com/mcp',
    });
    const { stdout, stderr } = await start({
      BILLING_URL: 'https://environment.internal',
      RESOURCE_URL: 'https://mcp.example.com/mcp',
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      plain: ['https://environment.internal', 'https://shipping.internal', 'from-file'],
      own: { BILLING_URL: 'https://environment.internal', BILLING_KEY: 'from-file' },
      mailer: { from: 'team@example.com' },
      url: 'https://mcp.example.com/mcp',
    });
  });

  it('fail startup together with Aerie’s problems if they are invalid', async () => {
    writeEnvFile({ BILLING_URL: 'billing' });
    const { code, stderr } = await start({ PORT: 'http', CRM_URL: 'crm', SHOP_URL: 'shop' });
    expect(code).toBe(1);
    expect(stderr.split('\n')).toEqual([
      'Aerie cannot start: 5 configuration problems.',
      '  PORT: "http" is invalid.',
      '    → Use a port number, 1 to 65535.',
      '  BILLING_URL: is invalid.',
      '    → Use the URL of the billing service.',
      '  BILLING_KEY: is not set.',
      '    → Use the key that the billing service shows.',
      '  CRM_URL: is invalid.',
      '    → Invalid URL',
      '  shop: cannot be read: Invalid URL',
      expect.stringMatching(
        /^    → Check the variables that its factory uses, at .*own-settings\.mjs:\d+:\d+\)?\.$/,
      ),
    ]);
  });

  it('fail startup if .env cannot be read', async () => {
    mkdirSync(join(directory, '.env'));
    const { code, stderr } = await start({});
    expect(code).toBe(1);
    expect(stderr).toContain('.env: cannot be read (EISDIR).');
  });

  it('are injected without importing a module', async () => {
    const aerie = await startAerie({ modules: [BillingModule] });
    const { config } = aerie.application.get(Billing, { strict: false });
    expect(config.get('aerie.resource.url')).toBe(aerie.url);
    await aerie.close();
  });
});
