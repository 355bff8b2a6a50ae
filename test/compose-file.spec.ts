import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import { z } from 'zod';

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
});
