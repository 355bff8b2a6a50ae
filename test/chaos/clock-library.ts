import { globSync } from 'node:fs';
import { join } from 'node:path';

import { unpackDebianPackage } from '../support/servers/debian-package.js';
import { starts } from '../support/servers/programs.js';

const CACHE = join(import.meta.dirname, '../../.cache/test-servers');
const LIBRARY = 'usr/lib/*/faketime/libfaketime.so.1';

/** Returns the library that sets the clock of a process, by `LD_PRELOAD`; undefined where it cannot be had. */
export function clockLibrary(): string | undefined {
  const [installed] = globSync(join('/', LIBRARY));
  if (installed !== undefined) return installed;
  const programs = join(CACHE, 'faketime', 'bin');
  try {
    if (!starts(join(programs, 'faketime'))) unpackDebianPackage('faketime', CACHE);
  } catch {
    return undefined;
  }
  return globSync(join(programs, '../root', LIBRARY))[0];
}
