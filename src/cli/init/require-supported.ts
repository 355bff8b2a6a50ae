import { readFileSync } from 'node:fs';

import { installedBy, type Project } from '../source/project.js';

const MIN_NEST = 12;

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
  const major = /\d+/.exec(nest)?.[0];
  if (major !== undefined && Number(major) < MIN_NEST) {
    throw new Error(
      `Aerie needs NestJS ${MIN_NEST}, and package.json has @nestjs/core ${nest}. Update NestJS first.`,
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
