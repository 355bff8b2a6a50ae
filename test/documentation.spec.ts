import { existsSync, readFileSync } from 'node:fs';

import { REASONS } from '../src/logging/reason.js';

/** Pages with examples, in the order of the examples. Other specs run the compared files. */
const PAGES = [
  ['docs/writing-tools.md', 'tools'],
  ['docs/writing-tools.md', 'dice'],
  ['docs/resources.md', 'resources'],
  ['docs/resources.md', 'pages'],
  ['docs/prompts.md', 'prompts'],
  ['docs/elicitation.md', 'elicitation'],
  ['docs/progress.md', 'progress'],
] as const;

describe.each(PAGES)('%s', (page, example) => {
  it(`shows the compiled and tested example ${example}`, () => {
    const place = PAGES.filter(([other]) => other === page).findIndex(([, name]) => name === example);
    const shown = [...readFileSync(page, 'utf8').matchAll(/```ts\n(.*?)```\n/gs)][place]?.[1];
    const source = readFileSync(`test/examples/${example}.ts`, 'utf8');
    expect(shown).toBe(source.replace('../../src/mcp/index.js', '../../mcp/index.js'));
  });
});

describe('docs/logs.md', () => {
  it('lists every logged reason exactly once', () => {
    const [, reasons = ''] = readFileSync('docs/logs.md', 'utf8').split('## Reasons');
    const listed = [...reasons.matchAll(/^\| `([^`]+)`/gm)].map(([, reason = '']) => reason);
    expect(new Set(listed)).toEqual(new Set([...REASONS, 'http_<status>']));
    expect(listed).toHaveLength(REASONS.length + 1);
  });
});

describe('SECURITY.md', () => {
  it('links existing tests for every attacker except the author of a dependency', () => {
    const rows = readFileSync('SECURITY.md', 'utf8').match(/^\| (anybody|somebody|the|a) .*$/gm) ?? [];
    const tests = rows.map((row) => [...row.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path));
    expect(tests.flat().filter((path) => !existsSync(path))).toEqual([]);
    expect(rows.filter((_row, index) => tests[index]?.length === 0)).toEqual([
      expect.stringContaining('the author of a dependency'),
    ]);
  });
});
