import { existsSync, readFileSync } from 'node:fs';

import { REASONS } from '../src/logging/reason.js';

/** Each page begins with the shortest working example, some have longer ones; other specs run what is compared here. */
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
  it(`has the example ${example} that is compiled and run, in its place`, () => {
    const place = PAGES.filter(([other]) => other === page).findIndex(([, name]) => name === example);
    const shown = [...readFileSync(page, 'utf8').matchAll(/```ts\n(.*?)```\n/gs)][place]?.[1];
    const source = readFileSync(`test/examples/${example}.ts`, 'utf8');
    expect(shown).toBe(source.replace('../../src/mcp/index.js', '../../mcp/index.js'));
  });
});

describe('docs/logs.md', () => {
  it('lists every reason that is logged, once each, and no other', () => {
    const [, reasons = ''] = readFileSync('docs/logs.md', 'utf8').split('## Reasons');
    const listed = [...reasons.matchAll(/^\| `([^`]+)`/gm)].map(([, reason = '']) => reason);
    expect(new Set(listed)).toEqual(new Set([...REASONS, 'http_<status>']));
    expect(listed).toHaveLength(REASONS.length + 1);
  });
});

describe('SECURITY.md', () => {
  it('names tests that exist, for every attacker except the author of a dependency', () => {
    const rows = readFileSync('SECURITY.md', 'utf8').match(/^\| (anybody|somebody|the|a) .*$/gm) ?? [];
    const tests = rows.map((row) => [...row.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path));
    expect(tests.flat().filter((path) => !existsSync(path))).toEqual([]);
    expect(rows.filter((_row, index) => tests[index]?.length === 0)).toEqual([
      expect.stringContaining('the author of a dependency'),
    ]);
  });
});
