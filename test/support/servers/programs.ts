import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Downloads give up after this time. */
const TIMEOUT_MS = 300_000;

/** Returns the folder of the PATH that holds all these programs. */
export function onPath(...names: string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.find((folder) => names.every((name) => isExecutable(join(folder, name))));
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end. Throws with the last line of its errors when it fails. */
export function run(program: string, ...parameters: string[]): void {
  const { status, stderr, error } = spawnSync(program, parameters, {
    env: process.env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1);
  throw new Error(reason || `"${program} ${parameters.join(' ')}" failed.`);
}

/** Runs a program as root, without asking for a password. */
export function runAsRoot(program: string, ...parameters: string[]): void {
  if (process.getuid?.() === 0) run(program, ...parameters);
  else run('sudo', '--non-interactive', program, ...parameters);
}

/** Tells whether a program starts: libraries may be missing. */
export function starts(file: string): boolean {
  return spawnSync(file, ['--version'], { env: process.env, stdio: 'ignore', timeout: 10_000 }).status === 0;
}
