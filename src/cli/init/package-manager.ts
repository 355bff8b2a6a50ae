import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MANAGERS = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
  'package-lock.json': 'npm',
};

/** Returns the package manager of the nearest lock file, which a workspace has at its root. */
export function packageManager(folder = process.cwd()): string {
  const present = (name: string): boolean => existsSync(join(folder, name));
  const found = Object.entries(MANAGERS).find(([lockFile]) => present(lockFile));
  if (found) return found[1];
  const parent = dirname(folder);
  return parent === folder || present('.git') ? 'npm' : packageManager(parent);
}
