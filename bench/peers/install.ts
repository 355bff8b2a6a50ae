import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bench } from '../paths.js';
import { print } from '../print.js';

/**
 * Installs a peer at the versions that its folder pins, outside of our own dependencies. Skips a peer that is already
 * installed.
 *
 * @returns directory in which the peer runs
 * @throws {Error} if the installation fails, for example without Python
 */
export function installPeer(name: string, isPython: boolean): string {
  const source = join(bench, 'peers', name);
  const target = join(bench, '.peers', name);
  mkdirSync(target, { recursive: true });
  cpSync(source, target, { recursive: true });
  if (!isPython) cpSync(join(bench, 'peers/shared.mjs'), join(target, 'shared.mjs'));

  const wanted = readFileSync(join(source, isPython ? 'requirements.txt' : 'package.json'), 'utf8');
  const done = join(target, '.installed');
  if (contentOf(done) === wanted) return target;
  print(`Installing ${name} …`);
  for (const [command, ...parameters] of isPython ? PYTHON : NODE) {
    execFileSync(command, parameters, { cwd: target, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  }
  writeFileSync(done, wanted);
  return target;
}

type Command = readonly [string, ...string[]];

const NODE: readonly Command[] = [
  ['npm', 'install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'],
];
const PYTHON: readonly Command[] = [
  ['python3', '-m', 'venv', 'venv'],
  ['venv/bin/pip', 'install', '--quiet', '--requirement', 'requirements.txt'],
];

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
