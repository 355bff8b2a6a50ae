import { readFileSync } from 'node:fs';

/** Each page begins with the shortest working example; other specs run what is compared here. */
const PAGES = [
  ['docs/writing-tools.md', 'tools'],
  ['docs/prompts.md', 'prompts'],
  ['docs/elicitation.md', 'elicitation'],
  ['docs/progress.md', 'progress'],
] as const;

describe.each(PAGES)('%s', (page, example) => {
  it('begins with the example that is compiled and run', () => {
    const [, shown] = /```ts\n(.*?)```\n/s.exec(readFileSync(page, 'utf8')) ?? [];
    const source = readFileSync(`test/examples/${example}.ts`, 'utf8');
    expect(shown).toBe(source.replace('../../src/mcp/index.js', '../../mcp/index.js'));
  });
});
