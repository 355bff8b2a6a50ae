import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const GENERATED = new Set(['node_modules', '.build', '.peers', 'profiles', 'results']);

const sourcesIn = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return GENERATED.has(entry.name) ? [] : sourcesIn(path);
    return /\.(ts|mjs)$/.test(entry.name) ? [path] : [];
  });

const SOURCES = ['src', 'test', 'bench', 'scripts']
  .flatMap(sourcesIn)
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

const found = (pattern: RegExp, folders = /^/): string[] =>
  SOURCES.filter(({ path }) => folders.test(path)).flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(([match]) => `${path}: ${match}`),
  );

/** Folders with code that runs for every request. */
const PER_REQUEST = /^src\/(http|limits|mcp\/(admission|invocation|server|streamable-http|wire))\/(?!.*spec)/;

describe('the style of the sources', () => {
  it('begins doc comments with a verb or a noun', () => {
    expect(
      found(/\/\*\*\s+(?:\* )?(?:What|Of|Those|As|Whose|That which|Where|Whoever|Whatever) .*/g),
    ).toEqual([]);
  });

  it('names maximums MAX_*', () => {
    expect(found(/\bMOST_[A-Z]\w*/g)).toEqual([]);
  });

  // V8 allocates such functions in its old space, where each keeps its request: see docs/decisions/0026.
  it('assigns no function literals to properties for each request', () => {
    const assigned = /^ *\S+\.#?\w+ (\?\?)?= (async )?(function\b|\([^()]*\)(: [^=]+)? =>|\w+ =>).*/gm;
    expect(found(assigned, PER_REQUEST)).toEqual([]);
  });
});
