import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { systemErrorCode } from '../values/system-error-code.js';
import type { ConfigurationProblem } from './configuration-error.js';

const REMEDY = 'Set STATE_DIRECTORY to the path of a directory that the user that runs Aerie can write to.';

/**
 * Reports why the state directory cannot be used. Does not create it; a missing directory is created when needed.
 *
 * @param isWritten whether startup writes to the directory
 */
export function stateDirectoryProblems(path: string, isWritten: boolean): ConfigurationProblem[] {
  const problem = problemOf(resolve(path), isWritten);
  return problem === undefined
    ? []
    : [{ variable: 'STATE_DIRECTORY', problem: `"${path}" ${problem}.`, remedy: REMEDY }];
}

function problemOf(path: string, isWritten: boolean): string | undefined {
  try {
    if (!statSync(path).isDirectory()) return 'is not a folder';
    if (isWritten) accessSync(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'ENOENT') return `cannot be used (${code})`;
    const parent = dirname(path);
    if (!isWritten || parent === path) return undefined;
    const reason = problemOf(parent, true);
    return reason && `cannot be created: ${parent} ${reason}`;
  }
}
