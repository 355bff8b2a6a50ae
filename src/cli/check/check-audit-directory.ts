import { constants } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import type { Configuration } from '../../config/configuration.js';
import { systemErrorCode } from '../../values/system-error-code.js';
import type { CheckFindings } from './check-findings.js';

/** Checks that audit files can be created. Creates nothing. */
export async function checkAuditDirectory({ audit }: Pick<Configuration, 'audit'>): Promise<CheckFindings> {
  const sink = audit?.sinks.find(({ name }) => name === 'file');
  if (!sink || !audit) return { errors: [], warnings: [] };
  const problem = await writeProblem(resolve(audit.directory));
  if (problem === undefined) return { errors: [], warnings: [] };
  const consequence =
    sink.onFull === 'refuse' ? 'the server refuses all calls' : 'calls are not recorded there';
  const warning = `The audit directory cannot be written (${problem}). Until it can, ${consequence}. Set AUDIT_DIRECTORY to a directory that the server's user can write, such as a volume.`;
  return { errors: [], warnings: [warning] };
}

/** Returns why nothing can be created in a directory, or in its closest parent that exists. */
async function writeProblem(directory: string): Promise<string | undefined> {
  try {
    if (!(await stat(directory)).isDirectory()) return `ENOTDIR: ${directory}`;
    await access(directory, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const parent = dirname(directory);
    const code = systemErrorCode(error);
    const isMissing = code === 'ENOENT' && parent !== directory && !(await isEntry(directory));
    return isMissing ? writeProblem(parent) : `${code}: ${directory}`;
  }
}

/** Whether a path is taken, be it by a link to a directory that is missing, such as a volume that is not mounted. */
const isEntry = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
