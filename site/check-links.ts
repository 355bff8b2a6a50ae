// Requests every external link of the documentation, and lists those that do not lead to a page, or not to a part of
// it: npm run docs:links
// Not part of the gate, because other sites fail at times.
import { readFileSync } from 'node:fs';

import { PAGES } from '../scripts/documentation/blocks.ts';
import { externalLinks, hasAnchor } from './external-links.ts';

const TIMEOUT_MS = 20_000;
const AT_A_TIME = 6;
/** Statuses of sites that refuse programs, not readers. */
const REFUSES_PROGRAMS = new Set([403, 429]);

const pagesByLink = new Map<string, Set<string>>();
/** Fragments of the links to each address. */
const fragmentsByAddress = new Map<string, Set<string>>();
for (const page of PAGES) {
  for (const link of externalLinks(readFileSync(page, 'utf8'))) {
    pagesByLink.set(link, (pagesByLink.get(link) ?? new Set()).add(page));
    const [address = '', fragment = ''] = link.split('#');
    fragmentsByAddress.set(address, (fragmentsByAddress.get(address) ?? new Set()).add(fragment));
  }
}

/** Returns the broken links to an address, each with the reason. */
async function problemsOf(address: string, fragments: ReadonlySet<string>): Promise<[string, string][]> {
  const links = [...fragments].map((fragment): [string, string] => [
    fragment,
    fragment === '' ? address : `${address}#${fragment}`,
  ]);
  const all = (problem: string): [string, string][] => links.map(([, link]) => [link, problem]);
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = await response.text();
    if (REFUSES_PROGRAMS.has(response.status)) return [];
    if (!response.ok) return all(`HTTP ${response.status}`);
    if (!response.headers.get('content-type')?.startsWith('text/html')) return [];
    return links.flatMap(([fragment, link]): [string, string][] =>
      fragment === '' || hasAnchor(body, fragment) ? [] : [[link, 'the page has no such anchor']],
    );
  } catch (error) {
    return all(error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error));
  }
}

const waiting = [...fragmentsByAddress];
const worker = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const [link, problem] of await problemsOf(...next)) {
      process.exitCode = 1;
      process.stdout.write(`${link}: ${problem}\n  in ${[...(pagesByLink.get(link) ?? [])].join(', ')}\n`);
    }
  }
};
await Promise.all(Array.from({ length: AT_A_TIME }, worker));
process.stdout.write(`${pagesByLink.size} links to ${fragmentsByAddress.size} addresses checked.\n`);
