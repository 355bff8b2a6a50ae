/**
 * Removes from node_modules what the compiled server cannot load, and merges the rest into fewer files, for the image:
 *
 *     node deploy/image/prune-modules.mjs [folder with dist and node_modules]
 *
 * Code stays if a module of dist reaches it through import or require. Packages without such code go, and leave
 * sbom.spdx.json, if there is one. Of the others, manifests, data and licenses stay; documents, declarations and source
 * maps go.
 *
 * The name of a package must be a literal in at least one import. Fails, and removes nothing, if code may load a module
 * that is not there: see find-missing.mjs.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { nodeFileTrace } from '@vercel/nft';

import { findMissing } from './find-missing.mjs';
import { mergeModules } from './merge-modules.mjs';

const PACKAGE = /node_modules\/(?:@[^/]+\/)?[^@/][^/]*$/;
const CODE = /\.[cm]?js$/;
const UNUSED = /\.(?:map|[cm]?ts|markdown|md)$|^\.|^(?:readme|changelog|history)\b/i;
const LICENSE = /^(?:licen[cs]e|notice|copying)/i;
const SBOM = 'sbom.spdx.json';

process.chdir(process.argv[2] ?? '.');
const modules = readdirSync('dist', { recursive: true }).filter((path) => CODE.test(path));
const trace = await nodeFileTrace(modules.map((path) => join('dist', path)));
const { fileList, warnings } = trace;
const missing = findMissing(fileList, warnings);
if (missing.length > 0) {
  console.error(missing.join('\n'));
  process.exit(1);
}
const replaceModules = await mergeModules(trace);
prune('node_modules');
if (existsSync(SBOM))
  writeFileSync(SBOM, JSON.stringify(withoutRemoved(JSON.parse(readFileSync(SBOM, 'utf8')))));
replaceModules();

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

/** Returns the list of npm sbom without the packages whose folders are gone. */
function withoutRemoved(sbom) {
  const packages = sbom.packages.filter(({ packageFileName }) => existsSync(packageFileName || '.'));
  const ids = new Set([sbom.SPDXID, ...packages.map(({ SPDXID }) => SPDXID)]);
  const relationships = sbom.relationships.filter(
    ({ spdxElementId, relatedSpdxElement }) => ids.has(spdxElementId) && ids.has(relatedSpdxElement),
  );
  return { ...sbom, packages, relationships };
}
