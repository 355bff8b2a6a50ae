import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { listen } from '../src/values/listen.js';
import { BuiltApplication } from './support/built-application.js';
import { freePort } from './support/ports.js';
import { runCommand } from './support/run-command.js';

describe('a server that is stopped while it starts', () => {
  let directory: string;
  let receiver: Server;
  let port: number;
  let application: BuiltApplication | undefined;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    receiver = createServer();
    port = await listen(receiver);
  });
  afterEach(async () => {
    await application?.kill();
    receiver.close();
    rmSync(directory, { recursive: true });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'closes its audit trail on %s, and exits with 0',
    async (signal) => {
      application = BuiltApplication.start(directory, {
        PORT: String(await freePort()),
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        SK_ENV_URL: 'https://localhost:1',
        MCP_SERVER_ID: 'res_1',
        RESOURCE_URL: 'https://mcp.example.com/mcp',
        AUDIT: 'file,webhook:refuse',
        AUDIT_DIRECTORY: 'audit',
        AUDIT_WEBHOOK_URL: `http://127.0.0.1:${port}/`,
        AUDIT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
      });
      // The start waits for this answer.
      const [, first] = (await once(receiver, 'request')) as [unknown, ServerResponse];
      receiver.on('request', (_request, response: ServerResponse) => response.end());
      application.process.kill(signal);
      setTimeout(() => first.end(), 500);
      expect([await application.exit(), application.errors]).toEqual([0, '']);
      expect(application.output).not.toContain('"msg":"started"');

      const audit = join(directory, 'audit');
      const files = readdirSync(audit).filter((name) => name.endsWith('.jsonl'));
      expect(files).toHaveLength(1);
      const events = readFileSync(join(audit, files[0] ?? ''), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event);
      expect(events).toEqual(['chain.opened', 'chain.closed']);
      const verified = await runCommand('audit', ['verify', '--closed'], directory, {
        AUDIT_DIRECTORY: 'audit',
      });
      expect(verified).toMatchObject({ code: 0 });
    },
  );

  it.each(['SIGTERM', 'SIGINT'])(
    'exits with 0 when %s comes before its modules are loaded',
    async (signal) => {
      // The first of its own modules listens to SIGHUP.
      const script = `const { on } = process;
      process.on = function (name, listener) {
        if (name === 'SIGHUP') setImmediate(() => process.kill(process.pid, '${signal}'));
        return on.call(this, name, listener);
      };`;
      application = BuiltApplication.start(directory, {
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}`,
        PORT: String(await freePort()),
        DEV_ISSUER_PORT: String(await freePort()),
      });
      expect([await application.exit(), application.output, application.errors]).toEqual([0, '', '']);
    },
  );
});
