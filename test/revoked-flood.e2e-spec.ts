import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startAudit } from '../src/audit/start-audit.js';
import { RevocationsService } from '../src/auth/revocation/revocations.service.js';
import { startAerie } from './support/aerie.js';
import { message, post } from './support/rpc.js';
import { runCommand } from './support/run-command.js';

const REQUESTS = 350;
const LIST = message({ method: 'tools/list' });
const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };

it('a flood with a revoked token fills neither the log nor the audit trail, like one without a token', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'aerie-audit-'));
  const audit = await startAudit(
    {
      sinks: [{ name: 'file', onFull: 'drop' }],
      directory,
      retention: undefined,
      databaseUrl: undefined,
      webhook: undefined,
      otlpUrl: undefined,
      redact: [],
      digestKey: undefined,
    },
    'test',
    log,
  );
  const aerie = await startAerie({ observers: [audit.observer] });
  try {
    const token = await aerie.token({ claims: { sub: 'usr_stolen' } });
    await runCommand('revoke', ['--subject', 'usr_stolen'], directory, {
      STATE_DIRECTORY: aerie.stateDirectory,
    });
    await aerie.application.get(RevocationsService).reload();
    for (let request = 0; request < REQUESTS; request++) {
      expect((await post(aerie.url, token, LIST)).status).toBe(401);
    }
    await audit.close();
    const [name = ''] = readdirSync(directory).filter((file) => file.endsWith('.jsonl'));
    const recorded = readFileSync(join(directory, name), 'utf8').split('"reason":"revoked"').length - 1;
    const logged = aerie.logs.filter((line) => line.includes('"reason":"revoked"')).length;
    for (const count of [recorded, logged]) {
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThan(REQUESTS);
    }
  } finally {
    await aerie.close();
    rmSync(directory, { recursive: true });
  }
});
