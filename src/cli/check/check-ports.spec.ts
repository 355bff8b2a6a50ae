import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadConfiguration } from '../../config/load-configuration.js';
import { recordRunningServer } from '../../process/running-servers.js';
import { freePort } from '../../../test/support/ports.js';
import { listen } from '../../values/listen.js';
import { checkPorts } from './check-ports.js';

describe('checkPorts', () => {
  const directory = mkdtempSync(join(tmpdir(), 'aerie-ports-'));
  const servers: Server[] = [];
  /** Listens like a running server, and returns the port. */
  const usedPort = async (): Promise<number> => {
    const server = createServer();
    servers.push(server);
    return listen(server);
  };
  afterAll(() => {
    for (const server of servers) server.close();
    rmSync(directory, { recursive: true });
  });

  it('warns about ports in use, but not about those of a server that runs from this folder', async () => {
    const [port, issuerPort] = [await usedPort(), await usedPort()];
    const configuration = loadConfiguration({
      PORT: String(port),
      DEV_ISSUER_PORT: String(issuerPort),
      HOST: '127.0.0.1',
      STATE_DIRECTORY: directory,
    });
    expect((await checkPorts(configuration, false)).warnings).toEqual([
      expect.stringContaining(`PORT is ${port}, which another program uses`),
      expect.stringContaining(`DEV_ISSUER_PORT is ${issuerPort}, which another program uses`),
    ]);

    const scopes = { signIn: [], known: [] };
    const stop = recordRunningServer(directory, { port, issuerPort, url: '', resourceId: '', scopes });
    expect(await checkPorts(configuration, false)).toEqual({ errors: [], warnings: [] });
    stop();
  });

  it('warns about the port of metrics in use', async () => {
    const port = await usedPort();
    const configuration = loadConfiguration({
      PORT: String(await freePort()),
      DEV_ISSUER_PORT: String(await freePort()),
      HOST: '127.0.0.1',
      METRICS_PORT: String(port),
      STATE_DIRECTORY: directory,
    });
    expect(await checkPorts(configuration, false)).toEqual({
      errors: [],
      warnings: [expect.stringContaining(`METRICS_PORT is ${port}, which another program uses`)],
    });
  });

  it.each(['PORT', 'DEV_ISSUER_PORT'])(
    'rejects %s as the port of metrics at another name of its address',
    async (variable) => {
      const ports = { PORT: String(await freePort()), DEV_ISSUER_PORT: String(await freePort()) };
      const port = ports[variable as keyof typeof ports];
      const configuration = loadConfiguration({
        ...ports,
        METRICS_PORT: port,
        METRICS_HOST: '127.1',
        STATE_DIRECTORY: directory,
      });
      const { errors, warnings } = await checkPorts(configuration, false);
      expect(warnings).toEqual([]);
      expect(errors).toEqual([
        expect.objectContaining({
          problems: [
            {
              variable: 'METRICS_PORT',
              problem: `is ${port}, the same as ${variable}.`,
              remedy: 'Choose two different ports.',
            },
          ],
        }),
      ]);
    },
  );
});
