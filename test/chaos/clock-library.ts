import { globSync } from 'node:fs';
import { join } from 'node:path';

import { provideDebianProgram } from '../support/servers/debian-package.js';

const LIBRARY = 'usr/lib/*/faketime/libfaketime.so.1';

/**
 * Returns the library that sets the clock of a process, by `LD_PRELOAD`; undefined where it cannot be had.
 *
 * @param cache folder of unpacked packages
 */
export function clockLibrary(cache: string): string | undefined {
  const [installed] = globSync(join('/', LIBRARY));
  if (installed !== undefined) return installed;
  const programs = provideDebianProgram('faketime', cache);
  return programs === undefined ? undefined : globSync(join(programs, '../root', LIBRARY))[0];
}
