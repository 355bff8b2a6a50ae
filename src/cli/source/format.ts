import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type * as prettierModule from 'prettier';

import { isRecord } from '../../values/is-record.js';

/**
 * Formats a source with the Prettier of the project, if it has one. A file that was not formatted before keeps its
 * form, so that a change shows only what changed.
 */
export async function formatted({
  path,
  before,
  after,
}: {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string;
}): Promise<string> {
  if (!path.endsWith('.ts')) return after;
  try {
    const found = createRequire(resolve('package.json')).resolve('prettier');
    const loaded: unknown = await import(pathToFileURL(found).href);
    if (!isPrettier(loaded)) return after;
    const { default: prettier } = loaded;
    const options = { ...(await prettier.resolveConfig(path)), filepath: path };
    if (before !== undefined && !(await prettier.check(before, options))) return after;
    return await prettier.format(after, options);
  } catch {
    return after;
  }
}

const isPrettier = (loaded: unknown): loaded is { readonly default: typeof prettierModule } =>
  isRecord(loaded) && isRecord(loaded['default']) && 'resolveConfig' in loaded['default'];
