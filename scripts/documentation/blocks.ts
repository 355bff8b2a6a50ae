import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Code block of a page. */
export interface Block {
  readonly page: string;
  /** Line of the page with the first line of the code, from 1. */
  readonly line: number;
  readonly language: string;
  /** Code without the indentation of the block. */
  readonly code: string;
  /** Path of the file that the code shows, if the page says so. */
  readonly path?: string;
  /** Lines of the hidden comment that belong before the code. */
  readonly before: readonly string[];
  /** Line of the page with the first of them. */
  readonly beforeLine: number;
  /** Lines of the hidden comment that belong after the code. */
  readonly after: readonly string[];
}

/** Stands for the code in the hidden lines around it. */
const PLACE = '…';

/** Pages whose code is checked. */
export const PAGES: readonly string[] = [
  ...[
    '.',
    '.changeset',
    '.github',
    'docs',
    'docs/decisions',
    'docs/runbooks',
    'create',
    'create/template',
  ].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
  'scripts/package-readme.md',
];

/** Reads the code blocks of a page, with the hidden comment before each: `<!-- ts [path]`, more lines, `-->`. */
export function blocksOf(page: string, text = readFileSync(page, 'utf8')): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let hidden: { path?: string; lines: string[]; line: number } | undefined;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const comment = /^ *<!-- ts(?: ([\w./-]+))?( -->)?$/.exec(line);
    if (comment) {
      const end = comment[2] ? at : lines.findIndex((other, index) => index > at && other.trim() === '-->');
      hidden = { path: comment[1], lines: lines.slice(at + 1, end), line: at + 2 };
      at = end;
      continue;
    }
    const fence = /^( *)```(\w*)$/.exec(line);
    if (!fence) {
      if (line.trim() !== '') hidden = undefined;
      continue;
    }
    const [, indentation = '', language = ''] = fence;
    const end = lines.findIndex((other, index) => index > at && other === `${indentation}\`\`\``);
    if (end < 0) throw new Error(`${page}:${at + 1}: the code block does not end.`);
    const code = lines.slice(at + 1, end).map((row) => row.slice(indentation.length));
    const place = hidden?.lines.findIndex((row) => row.trim() === PLACE) ?? -1;
    blocks.push({
      page,
      line: at + 2,
      language,
      code: code.join('\n'),
      path: hidden?.path ?? /^\/\/ (\S+\.ts)$/.exec(code[0] ?? '')?.[1],
      before: place < 0 ? (hidden?.lines ?? []) : (hidden?.lines.slice(0, place) ?? []),
      beforeLine: hidden?.line ?? 1,
      after: place < 0 ? [] : (hidden?.lines.slice(place + 1) ?? []),
    });
    hidden = undefined;
    at = end;
  }
  return blocks;
}
