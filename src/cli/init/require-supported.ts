import { readFileSync } from 'node:fs';

import { installedBy, type Project } from '../source/project.js';
import { peerRanges } from './dependencies.js';
import { canBothAllow } from './version-range.js';

/** @throws {Error} when Aerie cannot run in the application */
export function requireSupported({ manifest, entry }: Project): void {
  if (manifest.name === 'aerie-mcp') throw new Error('This is Aerie itself, which has its endpoint already.');
  const installed = installedBy(manifest);
  if (!('@nestjs/core' in installed)) {
    throw new Error(
      'package.json does not depend on @nestjs/core. Run this in a NestJS application, or make a new one: npm create aerie-mcp@latest my-server',
    );
  }
  for (const [name, accepted] of Object.entries(peerRanges())) {
    const own = installed[name];
    if (own === undefined || canBothAllow(own, accepted)) continue;
    throw new Error(
      `Aerie needs ${name} ${accepted}, and package.json has ${name} ${own}. Change that version first.`,
    );
  }
  if ('@nestjs/platform-fastify' in installed && /\bFastifyAdapter\b/.test(textOf(entry))) {
    throw new Error(`Aerie needs Express, and ${entry} uses Fastify.`);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
