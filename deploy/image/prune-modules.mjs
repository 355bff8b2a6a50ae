/**
 * Removes the files of node_modules that Node.js never loads, for the image:
 *
 *     node deploy/image/prune-modules.mjs [folder]
 *
 * Declarations, TypeScript sources (Node.js refuses to run those of packages), source maps and documents; tests,
 * examples and hidden folders of packages; and builds for browsers that some packages carry. Licenses stay.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const UNUSED_FILE = /\.(?:map|[cm]?ts|markdown|md)$|^(?:readme|changelog|history)\b/i;
const LICENSE = /^(?:licen[cs]e|notice|copying)/i;
const UNUSED_FOLDER = /^(?:\..*|tests?|__tests__|benchmarks?|examples?)$/;

/** Builds for browsers and sources, which no condition of Node.js leads to. */
const UNUSED_PATHS = [
  '@modelcontextprotocol/sdk/dist/cjs/examples',
  '@modelcontextprotocol/sdk/dist/esm/examples',
  'axios/dist/axios.js',
  'axios/dist/axios.min.js',
  'axios/dist/browser',
  'axios/dist/esm',
  'es-toolkit/dist/browser.global.js',
  'rxjs/dist/bundles',
  'rxjs/dist/esm',
  'rxjs/dist/esm5',
];

const root = process.argv[2] ?? 'node_modules';
for (const path of UNUSED_PATHS) rmSync(join(root, path), { recursive: true, force: true });
rmSync(join(root, '.package-lock.json'), { force: true });
prune(root);

/** Prunes a folder and removes it if nothing is left. */
function prune(folder) {
  const manifest = join(folder, 'package.json');
  const entries = existsSync(manifest) && entriesOf(JSON.parse(readFileSync(manifest, 'utf8')));
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const isUnused = entries && UNUSED_FOLDER.test(entry.name) && !entries.includes(`${entry.name}/`);
      if (isUnused) rmSync(path, { recursive: true });
      else prune(path);
    } else if (UNUSED_FILE.test(entry.name) && !LICENSE.test(entry.name)) rmSync(path);
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** Returns the paths that a package names, as text. A manifest without a name only marks a folder of a package. */
function entriesOf({ name, main, exports, imports, bin }) {
  return name && JSON.stringify({ main, exports, imports, bin });
}
