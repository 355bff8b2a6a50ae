import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { ToolPolicyService } from '../src/mcp/policy/tool-policy.service.js';
import { startAerie } from './support/aerie.js';

describe('the tool policy', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-policy-'));
    file = join(directory, 'tool-policy.json');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is in force from the start, and again when its file has changed', async () => {
    writeFileSync(file, '{"org_acme":{"deny":["greet_user"]}}');
    const aerie = await startAerie({ environment: { TOOL_POLICY: file } });
    try {
      const service = aerie.application.get(ToolPolicyService);
      const mayGreet = (): boolean => service.allows('org_acme', 'greet_user');
      expect(mayGreet()).toBe(false);
      expect(service.allows('org_globex', 'greet_user')).toBe(true);
      writeFileSync(file, '{"org_acme":{"deny":["greet"]}}');
      const logged = async (text: string): Promise<void> => {
        for (let tries = 0; !aerie.logs.some((line) => line.includes(text)); tries++) {
          if (tries > 500) throw new Error(`Nobody logged ${text}.`);
          await pause(10);
        }
      };
      await logged('the former one stays in force: org_acme.deny[0]: there is no tool');
      expect(mayGreet()).toBe(false);
      writeFileSync(file, '{}');
      await logged('has changed; it has 0 entries');
      expect(mayGreet()).toBe(true);
    } finally {
      await aerie.close();
    }
  });

  it('stops the start when its file is missing, wrong, or names a tool that does not exist', async () => {
    const start = async (): Promise<unknown> => startAerie({ environment: { TOOL_POLICY: file } });
    await expect(start()).rejects.toThrow(/TOOL_POLICY: .*tool-policy\.json: it cannot be read \(ENOENT\)\./);
    writeFileSync(file, '{"org_acme":{"deny":"greet_user"},"org_globex":{"denied":[]}}');
    await expect(start()).rejects.toThrow(/2 configuration problems[^]*org_acme\.deny: [^]*org_globex: /);
    writeFileSync(file, '{"org_acme":{"deny":["greet_user","greet"]}}');
    await expect(start()).rejects.toThrow(/org_acme\.deny\[1\]: there is no tool "greet"/);
  });
});
