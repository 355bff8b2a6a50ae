import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';

import { onPath, run, starts } from './programs.ts';

/** Returns the directory of a program that was unpacked before, if it still starts. */
export function unpackedProgram(name: string, cache: string): string | undefined {
  const unpacked = join(cache, name, 'bin');
  return starts(join(unpacked, name)) ? unpacked : undefined;
}

/** Returns the directory of a program: an installed one, else one from the Debian package of its name, if it can be had. */
export function provideDebianProgram(name: string, cache: string): string | undefined {
  const present = onPath(name) ?? unpackedProgram(name, cache);
  if (present !== undefined) return present;
  try {
    return unpackDebianPackage(name, cache);
  } catch {
    return undefined;
  }
}

/**
 * Downloads a Debian package and the libraries that the system lacks, and unpacks them into `cache/<name>`.
 *
 * Needs no root and changes nothing outside of the cache.
 * Concurrent test runs do not conflict: each works in its own directory and renames it.
 *
 * @returns the directory of the program, which has the name of the package
 */
export function unpackDebianPackage(name: string, cache: string): string {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'apt-'));
  try {
    download(name, work);
    const made = join(work, 'made');
    mkdirSync(join(made, 'bin'), { recursive: true });
    for (const file of readdirSync(join(work, 'archives'))) {
      if (file.endsWith('.deb'))
        run('dpkg-deb', '--extract', join(work, 'archives', file), join(made, 'root'));
    }
    const launcher = join(made, 'bin', name);
    writeFileSync(launcher, launcherOf(name, join(made, 'root')));
    chmodSync(launcher, 0o755);
    if (!starts(launcher)) throw new Error(`The downloaded ${name} does not start.`);
    const place = join(cache, name);
    publish(made, place, join(place, 'bin', name));
    return join(place, 'bin');
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function download(name: string, work: string): void {
  for (const folder of ['lists/partial', 'archives/partial']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  const settings = [
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::Cache=${work}`,
    `Dir::Cache::archives=${join(work, 'archives')}`,
    'Debug::NoLocking=1', // its locks are for root, and guard folders that we do not write to
    'APT::Sandbox::User=', // apt would hand the download to a user who cannot read the cache
    'APT::Update::Error-Mode=any', // otherwise a failed download is a warning
    'Acquire::http::Timeout=20',
    'Acquire::https::Timeout=20',
  ].flatMap((setting) => ['-o', setting]);
  run('apt-get', '-q', ...settings, 'update');
  const options = ['--yes', '--download-only', '--no-install-recommends'];
  run('apt-get', '-q', ...settings, ...options, 'install', name);
}

/** Shell script that runs the unpacked program with the libraries next to it, wherever the folder is. */
function launcherOf(name: string, root: string): string {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const libraries = entries.filter((entry) => entry.name.includes('.so')).map((entry) => entry.parentPath);
  const path = [...new Set(libraries)].map((folder) => `$root/${relative(root, folder)}`).join(':');
  const isServer = existsSync(join(root, 'usr/sbin', name));
  return `#!/bin/sh
root="\${0%/*}/../root"
LD_LIBRARY_PATH="${path}" exec "$root/usr/${isServer ? 'sbin' : 'bin'}/${name}" "$@"
`;
}

/** Moves the folder to its place. Another run may have been faster; a copy that no longer starts gives way. */
function publish(made: string, place: string, launcher: string): void {
  if (!starts(launcher)) rmSync(place, { recursive: true, force: true });
  try {
    renameSync(made, place);
  } catch (error) {
    if (!starts(launcher)) throw error;
  }
}
