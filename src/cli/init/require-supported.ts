import { readFileSync } from 'node:fs';

import { installedBy, type Project } from '../source/project.js';
import { publishedPeers } from './dependencies.js';
import { packageManager } from './package-manager.js';
import { canBothAllow } from './version-range.js';

/**
 * @param peers packages that Aerie shares with the application
 * @param manager package manager of the application; only npm installs nothing if an optional peer does not fit
 * @throws {Error} when Aerie cannot be installed or run in the application
 */
export function requireSupported(
  { manifest, entry }: Pick<Project, 'manifest' | 'entry'>,
  peers = publishedPeers(),
  manager = packageManager(),
): void {
  if (manifest.name === 'aerie-mcp') throw new Error('This is Aerie itself, which has its endpoint already.');
  const installed = installedBy(manifest);
  if (!('@nestjs/core' in installed)) {
    throw new Error(
      'package.json does not depend on @nestjs/core. Run this in a NestJS application, or make a new one: npm create aerie-mcp@latest my-server',
    );
  }
  for (const { name, range, isOptional } of peers) {
    const own = installed[name];
    if (own === undefined || (isOptional && manager !== 'npm') || canBothAllow(own, range)) continue;
    throw new Error(
      `Aerie accepts only ${name} ${range}, and package.json has ${name} ${own}. Change that version first.`,
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
