import { readFileSync } from 'node:fs';

import { z } from 'zod';

import type { ChangeSet } from '../source/change-set.js';

const PACKAGES = {
  dependencies: ['@scalekit-sdk/node', 'aerie-mcp', 'ipaddr.js', 'zod'],
  devDependencies: ['@modelcontextprotocol/client', 'oidc-provider'],
};
const ranges = z.record(z.string(), z.string()).default({});
const manifest = z.looseObject({ dependencies: ranges, devDependencies: ranges, peerDependencies: ranges });
const peerMeta = z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({});
const publishedManifest = manifest.extend({ version: z.string(), peerDependenciesMeta: peerMeta });

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

/** Package that Aerie shares with an application. */
export interface Peer {
  readonly name: string;
  /** Range of the versions that Aerie accepts. */
  readonly range: string;
  /** Whether Aerie runs without it. */
  readonly isOptional: boolean;
}

/** Returns the peers of the package. The repository of Aerie has none: its own dependencies stand in for them. */
export function publishedPeers(): Peer[] {
  const { peerDependencies: peers, dependencies, peerDependenciesMeta: meta } = readPublished();
  const shared = Object.keys(peers).length > 0 ? peers : dependencies;
  return Object.entries(shared).map(([name, range]) => ({
    name,
    range,
    isOptional: meta[name]?.optional ?? false,
  }));
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
