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
  const programs = provideDebianProgram('faketime', cache);
  const roots = programs === undefined ? [] : [join(programs, '../root'), '/'];
  return roots.flatMap((root) => globSync(join(root, LIBRARY)))[0];
}
