import { readFileSync } from 'node:fs';

import { systemErrorCode } from '../values/system-error-code.js';

/** Returns the problem of a setting that names an unreadable file; undefined if the file can be read or none is named. */
export function fileProblem(path: string | undefined): string | undefined {
  if (!path) return undefined;
  try {
    readFileSync(path);
    return undefined;
  } catch (error) {
    return `names a file that cannot be read: ${path} (${systemErrorCode(error)}).`;
  }
}
