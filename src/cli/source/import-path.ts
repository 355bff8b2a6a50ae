import { existsSync } from 'node:fs';
import { posix } from 'node:path';

import { importsOf, isRelative } from './add-import.js';
import type { Project } from './project.js';
import { parse } from './typescript.js';

/** Ends of imports that say nothing about those of sources. */
const OTHER_FILE = /\.(json|node|wasm|[cm][jt]s)$/;

/** Returns how the paths of imported files end: `.js`, `.ts` or not at all, as in the other imports of a source. */
export function importExtension({ ts, manifest }: Project, source: string): string {
  const other = importsOf(ts, parse(ts, source)).find(
    ({ path }) => isRelative(path) && !OTHER_FILE.test(path),
  );
  if (other) return /\.[jt]s$/.exec(other.path)?.[0] ?? '';
  return manifest.type === 'module' ? '.js' : '';
}

/** Returns the path of a file as an import in another file. */
export function relativeImport(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return isRelative(path) ? path : `./${path}`;
}

/** Entry point of the decorators in the repository of Aerie. */
const OWN_API = 'src/mcp/index.ts';

/** Returns what a file in a folder imports Aerie from: the package, except in Aerie's own repository. */
export const ownApi = ({ manifest }: Project, folder: string): string =>
  manifest.name === 'aerie-mcp' && existsSync(OWN_API)
    ? relativeImport(posix.join(folder, 'x.ts'), OWN_API.replace(/\.ts$/, '.js'))
    : 'aerie-mcp';
