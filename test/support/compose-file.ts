import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import { z } from 'zod';

const FILE = z.object({
  services: z.object({ aerie: z.object({ environment: z.record(z.string(), z.unknown()) }) }),
});

/** Returns the variables that docker-compose.yml sets for the instances, without those that it takes from `.env`. */
export function instanceVariables(): Record<string, string> {
  const { services } = FILE.parse(parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }));
  return Object.fromEntries(
    Object.entries(services.aerie.environment).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
