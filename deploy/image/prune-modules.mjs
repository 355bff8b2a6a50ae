/**
 * Removes from node_modules what the compiled server cannot load, for the image:
 *
 *     node deploy/image/prune-modules.mjs [folder with dist and node_modules]
 *
 * Code stays if a module of dist reaches it through import or require. Packages without such code go. Of the others,
 * manifests, data and licenses stay; documents, declarations and source maps go.
 *
 * The name of a package must be a literal in at least one import: `import(name)` alone keeps nothing.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { nodeFileTrace } from '@vercel/nft';

const PACKAGE = /node_modules\/(?:@[^/]+\/)?[^@/][^/]*$/;
const CODE = /\.[cm]?js$/;
const UNUSED = /\.(?:map|[cm]?ts|markdown|md)$|^\.|^(?:readme|changelog|history)\b/i;
const LICENSE = /^(?:licen[cs]e|notice|copying)/i;

process.chdir(process.argv[2] ?? '.');
const modules = readdirSync('dist', { recursive: true }).filter((path) => CODE.test(path));
const { fileList } = await nodeFileTrace(modules.map((path) => join('dist', path)));
prune('node_modules');

/** Prunes a folder, and removes it if it is empty or a package without code that can be reached. */
function prune(folder) {
  let isUsed = false;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) isUsed = prune(path) || isUsed;
    else if (fileList.has(path)) isUsed = true;
    else if (CODE.test(entry.name) || (UNUSED.test(entry.name) && !LICENSE.test(entry.name))) rmSync(path);
  }
  if ((!isUsed && PACKAGE.test(folder)) || readdirSync(folder).length === 0)
    rmSync(folder, { recursive: true });
  return isUsed;
}
