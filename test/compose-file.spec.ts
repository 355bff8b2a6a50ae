import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

import { instanceVariables } from './support/compose-file.js';

const FILE = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      ports: z.array(z.string()).optional(),
      networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
    }),
  ),
  networks: z.record(
    z.string(),
    z.looseObject({ enable_ipv6: z.boolean().optional(), internal: z.boolean().optional() }).nullable(),
  ),
});

describe('docker-compose.yml', () => {
  const { services, networks } = FILE.parse(
    parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }),
  );

  it('publishes no port on IPv6, whose clients would all have the address of a gateway in its networks', () => {
    expect(Object.values(networks).filter((network) => network?.enable_ipv6)).toEqual([]);
    const addresses = Object.values(services).flatMap(({ ports = [] }) =>
      ports.map((port) => /^(?:\$\{\w+:-)?((?:\d+\.){3}\d+)\}?:/.exec(port)?.[1] ?? port),
    );
    expect(new Set(addresses)).toEqual(new Set(['0.0.0.0', '127.0.0.1']));
  });

  it.each(['collector', 'prometheus'])(
    'gives %s a route to services outside, but not to the edge',
    (name) => {
      const names = services[name]?.networks;
      expect(names).toEqual(['data', 'observability']);
      expect(networks['data']?.internal).toBe(true);
      expect(networks['observability']?.internal).toBeUndefined();
    },
  );

  it('names files that deploy/passwords generates once, with a key of the tenants apart from the password', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aerie-passwords-'));
    try {
      for (const name of ['database/owner', 'database/application', 'redis']) {
        mkdirSync(join(folder, name), { recursive: true });
      }
      const script = join(folder, 'passwords');
      writeFileSync(script, readFileSync('deploy/passwords', 'utf8').replaceAll('/run/', `${folder}/`));
      const generated = (): Record<string, string> => {
        execFileSync('sh', [script]);
        return Object.fromEntries(
          Object.entries(instanceVariables())
            .filter(([, value]) => value.startsWith('/run/database/'))
            .map(([name, value]) => [name, readFileSync(value.replace('/run', folder), 'utf8')]),
        );
      };
      const first = generated();
      expect(first).toEqual({
        DATABASE_URL_FILE: expect.stringMatching(
          /^postgresql:\/\/aerie_application:[0-9a-f]{48}@postgres:5432\/aerie\n$/,
        ),
        DATABASE_TENANT_SECRET_FILE: expect.stringMatching(/^[0-9a-f]{64}$/),
        REQUEST_STATE_SECRET_FILE: expect.stringMatching(/^[0-9a-f]{64}$/),
        REDIS_PASSWORD_FILE: expect.stringMatching(/^[0-9a-f]{48}$/),
      });
      expect(generated()).toEqual(first);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
