import { readFileSync } from 'node:fs';

import { installedBy, type Project } from '../source/project.js';

const MIN_NEST = 12;
const MIN_ZOD = 4;

/** @throws {Error} when Aerie cannot run in the application */
export function requireSupported({ manifest, entry }: Project): void {
  if (manifest.name === 'aerie-mcp') throw new Error('This is Aerie itself, which has its endpoint already.');
  const installed = installedBy(manifest);
  const nest = installed['@nestjs/core'];
  if (nest === undefined) {
    throw new Error(
      'package.json does not depend on @nestjs/core. Run this in a NestJS application, or make a new one: npm create aerie-mcp@latest my-server',
    );
  }
  if (isBelow(nest, MIN_NEST)) {
    throw new Error(
      `Aerie needs NestJS ${MIN_NEST}, and package.json has @nestjs/core ${nest}. Update NestJS first.`,
    );
  }
  const { zod } = installed;
  if (zod !== undefined && isBelow(zod, MIN_ZOD)) {
    throw new Error(`Aerie needs zod ${MIN_ZOD}, and package.json has zod ${zod}. Update zod first.`);
  }
  if ('@nestjs/platform-fastify' in installed && /\bFastifyAdapter\b/.test(textOf(entry))) {
    throw new Error(`Aerie needs Express, and ${entry} uses Fastify.`);
  }
}

/** Whether a range allows only major versions below the minimum. A range without a number may allow any. */
const isBelow = (range: string, min: number): boolean =>
  range.split('||').every((part) => {
    const [, comparator, major] = /^(\D*)(\d+)/.exec(part) ?? [];
    return major !== undefined && !comparator?.includes('>') && Number(major) < min;
  });

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
