// Requests every external link of the documentation, and lists those that do not lead to a page: npm run docs:links
// Not part of the gate, because other sites fail at times.
import { readFileSync } from 'node:fs';

import { PAGES } from '../scripts/documentation/blocks.ts';

const TIMEOUT_MS = 20_000;
const AT_A_TIME = 6;
/** Statuses of sites that refuse programs, not readers. */
const REFUSES_PROGRAMS = new Set([403, 429]);

const pagesByLink = new Map<string, string[]>();
for (const page of PAGES) {
  const text = readFileSync(page, 'utf8').replaceAll(/^ *```.*?^ *```/gms, '');
  for (const [, link = ''] of text.matchAll(/\]\((https?:\/\/[^)#\s]+)/g)) {
    pagesByLink.set(link, [...(pagesByLink.get(link) ?? []), page]);
  }
}

/** Returns why a link does not lead to a page; undefined if it does. */
async function problemOf(link: string): Promise<string | undefined> {
  try {
    const response = await fetch(link, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok || REFUSES_PROGRAMS.has(response.status) ? undefined : `HTTP ${response.status}`;
  } catch (error) {
    return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  }
}

const waiting = [...pagesByLink.keys()];
const worker = async (): Promise<void> => {
  for (let link = waiting.shift(); link !== undefined; link = waiting.shift()) {
    const problem = await problemOf(link);
    if (problem === undefined) continue;
    process.exitCode = 1;
    process.stdout.write(`${link}: ${problem}\n  in ${[...new Set(pagesByLink.get(link))].join(', ')}\n`);
  }
};
await Promise.all(Array.from({ length: AT_A_TIME }, worker));
process.stdout.write(`${pagesByLink.size} links requested.\n`);
