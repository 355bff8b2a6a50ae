import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { FOLDERS, SECTIONS } from '../../site/pages.js';

/** Documentation for language models, as https://llmstxt.org describes it. */
export interface LlmsTexts {
  /** Content of `llms.txt`: each page with its title and what it is about. */
  readonly index: string;
  /** Content of `llms-full.txt`: all pages of `docs` and its folders. */
  readonly full: string;
}

/** Pages that are not about the software, and the README, whose summary begins the index. */
const LEFT_OUT: ReadonlySet<string> = new Set(['README.md', 'CODE_OF_CONDUCT.md', 'CHANGELOG.md']);

/** Minimum length of a summary, in characters, if its paragraph has a further sentence. */
const MIN_SUMMARY = 60;

interface Page {
  readonly path: string;
  readonly text: string;
}

/**
 * Writes the documentation for language models, in the order of the site.
 *
 * @param link returns the address of a page, such as `docs/cli.md`; default: its path
 * @param root folder of the repository
 */
export function llmsTexts(link: (path: string) => string = (path) => path, root = '.'): LlmsTexts {
  const pageAt = (path: string): Page => ({ path, text: readFileSync(join(root, path), 'utf8') });
  const { text: readme } = pageAt('README.md');
  const sections = SECTIONS.map(({ title, pages }) => ({
    title,
    pages: Object.keys(pages)
      .filter((path) => !LEFT_OUT.has(path))
      .map(pageAt),
  }));
  const folders = Object.keys(FOLDERS).map((folder) => pageAt(`${folder}/README.md`));
  const all = [...sections, { title: 'Optional', pages: folders }];
  const index = all.map(
    ({ title, pages }) => `## ${title}\n\n${pages.map((page) => entry(page, link)).join('\n')}\n`,
  );
  const further = Object.keys(FOLDERS).flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md') && name !== 'README.md')
      .toSorted()
      .map((name) => pageAt(`${folder}/${name}`)),
  );
  const texts = [...all.flatMap(({ pages }) => pages), ...further].filter(({ path }) =>
    path.startsWith('docs/'),
  );
  return {
    index: [`# ${titleOf(readme)}\n`, `> ${summaryOf(readme)}\n`, ...index].join('\n'),
    full: texts.map(({ path, text }) => `<!-- ${link(path)} -->\n\n${text.trim()}\n`).join('\n'),
  };
}

const entry = ({ path, text }: Page, link: (path: string) => string): string =>
  `- [${titleOf(text)}](${link(path)}): ${summaryOf(text)}`;

const titleOf = (text: string): string => /^# (.*)/m.exec(text)?.[1] ?? '';

/** Returns the first sentences of the first paragraph, without links. */
function summaryOf(text: string): string {
  const paragraph = text
    .split(/\n{2,}/)
    .map((part) => part.trim().replaceAll('\n', ' '))
    .find((part) => /^[A-Za-z`*[]/.test(part));
  const plain = (paragraph ?? '').replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1').replace(/:$/, '.');
  let summary = '';
  for (const sentence of plain.split(/(?<=\.) /)) {
    if (summary.length >= MIN_SUMMARY) break;
    summary += `${summary === '' ? '' : ' '}${sentence}`;
  }
  return summary;
}
