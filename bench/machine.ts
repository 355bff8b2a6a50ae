import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

import { z } from 'zod';

import type { Pinning } from './pinning.js';
import { repository } from './paths.js';

/** Machine and versions of a measurement. */
export interface Machine {
  readonly date: string;
  readonly commit: string;
  readonly cores: string;
  readonly memory: string;
  readonly system: string;
  readonly pinning: string;
  /** Average load of the machine in the last minute. */
  readonly load: string;
  readonly versions: string;
}

const PACKAGES = ['@modelcontextprotocol/server', '@nestjs/core', 'express'];
/** Files that the results depend on. */
const MEASURED = ['src', 'bench', ':!bench/results', 'package.json', 'package-lock.json', 'tsconfig.*'];
const manifest = z.object({ version: z.string() });

export function describeMachine(pinning: Pinning | undefined): Machine {
  const [core] = cpus();
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    commit: commit(),
    cores: `${cpus().length} × ${core?.model ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${release()} ${arch()}`,
    pinning: pinning
      ? `the server on core ${pinning.server}, the load on core ${pinning.load}`
      : 'no cores pinned: the results are less reliable',
    load: (loadavg()[0] ?? 0).toFixed(2),
    versions: [
      `Node.js ${process.versions.node}`,
      ...PACKAGES.map((name) => `${name} ${versionOf(name)}`),
    ].join(', '),
  };
}

function commit(): string {
  try {
    const changes = git('status', '--porcelain', ...MEASURED) ? ' with changes' : '';
    return `${git('rev-parse', '--short', 'HEAD')}${changes}`;
  } catch {
    return 'unknown';
  }
}

const git = (...parameters: string[]): string =>
  execFileSync('git', parameters, { cwd: repository, encoding: 'utf8' }).trim();

const versionOf = (name: string): string =>
  manifest.parse(JSON.parse(readFileSync(`${repository}/node_modules/${name}/package.json`, 'utf8'))).version;
