import { readFileSync } from 'node:fs';

import { z } from 'zod';

import type { ChangeSet } from '../source/change-set.js';

const PACKAGES = {
  dependencies: ['@scalekit-sdk/node', 'aerie-mcp', 'ipaddr.js', 'zod'],
  devDependencies: ['@modelcontextprotocol/client', 'oidc-provider'],
};
const ranges = z.record(z.string(), z.string()).default({});
const manifest = z.looseObject({ dependencies: ranges, devDependencies: ranges, peerDependencies: ranges });
const publishedManifest = manifest.extend({ version: z.string() });

/** Plans the dependencies: the package, the embedded issuer, and the client of commands and tests. */
export function planDependencies(files: ChangeSet): void {
  const text = files.read('package.json') ?? '{}';
  const own = manifest.parse(JSON.parse(text));
  const present = { ...own.peerDependencies, ...own.devDependencies, ...own.dependencies };
  const published = publishedRanges();
  const added: string[] = [];
  const changed: Record<string, unknown> = z.looseObject({}).parse(JSON.parse(text));
  for (const [section, names] of Object.entries(PACKAGES)) {
    const missing = names.filter((name) => !(name in present));
    if (missing.length === 0) continue;
    added.push(...missing);
    const all = {
      ...ranges.parse(changed[section]),
      ...Object.fromEntries(missing.map((name) => [name, published[name]])),
    };
    changed[section] = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
  if (added.length === 0) return;
  const [, indent = '  '] = /^([ \t]+)"/m.exec(text) ?? [];
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const end = text.endsWith('\n') ? '\n' : '';
  const after = `${JSON.stringify(changed, null, indent)}${end}`.replaceAll('\n', newline);
  files.change('package.json', after, `depends on ${added.join(', ')}`);
}

const readPublished = (): z.output<typeof publishedManifest> =>
  publishedManifest.parse(
    JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')),
  );

/**
 * Returns the ranges that the package accepts of the packages that it shares with an application. The repository of Aerie
 * has no peers: its own dependencies stand in for them.
 */
export function peerRanges(): Readonly<Record<string, string>> {
  const { peerDependencies: peers, dependencies } = readPublished();
  return Object.keys(peers).length > 0 ? peers : dependencies;
}

/** Returns the ranges with which this version of the package was tested, including its own. */
function publishedRanges(): Readonly<Record<string, string>> {
  const { version, ...own } = readPublished();
  return {
    ...own.devDependencies,
    ...own.dependencies,
    ...own.peerDependencies,
    'aerie-mcp': `^${version}`,
  };
}
