import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { PAGES } from '../scripts/documentation/blocks.js';
import { anchorOf, linkInSite, pageOf, pictureInSite } from '../site/addresses.js';
import { externalLinks, hasAnchor } from '../site/external-links.js';
import { FOLDERS, SECTIONS } from '../site/pages.js';

const markdownIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap(({ name, parentPath }) => {
    const path = parentPath === '.' ? name : `${parentPath}/${name}`;
    return name.endsWith('.md') ? [path] : [];
  });

describe('the sidebar of the documentation site', () => {
  const listed = SECTIONS.flatMap(({ pages }) => Object.keys(pages));

  it('lists every page once; otherwise add it to site/pages.ts', () => {
    const pages = ['.', 'docs'].flatMap(markdownIn).filter((file) => pageOf(file));
    expect(listed.toSorted()).toEqual(pages.toSorted());
  });

  it('lists every folder of docs, whose pages follow by themselves', () => {
    const folders = readdirSync('docs', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const withPages = folders.map(({ name }) => `docs/${name}`).filter((path) => markdownIn(path).length > 0);
    expect(Object.keys(FOLDERS).toSorted()).toEqual(withPages.toSorted());
  });

  it('gives every page an address of its own', () => {
    const folders = Object.keys(FOLDERS).flatMap(markdownIn);
    const addresses = [...listed, ...folders].map(pageOf);
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});

describe('the tables of the documentation', () => {
  it.each(PAGES)('of %s name each column, as screen readers need it', (page) => {
    const heads = readFileSync(page, 'utf8').match(/^ *\|.*\|(?=\n *\|[ :|-]+\|$)/gm) ?? [];
    expect(heads.filter((head) => /\| *\|/.test(head))).toEqual([]);
  });
});

describe('a link of the documentation site', () => {
  const repository = 'https://code.example.com/aerie/blob/main';

  it.each([
    ['another page', 'docs/audit.md', 'logs.md#reasons', '/logs.md#reasons'],
    ['a page of another folder', 'docs/runbooks/audit.md', '../audit.md', '/audit.md'],
    ['the README', 'docs/index.md', '../README.md#features', '/start.md#features'],
    ['the index of a folder', 'README.md', 'docs/runbooks/README.md', '/runbooks/index.md'],
    ['a page outside of docs', 'docs/index.md', '../SECURITY.md', '/security.md'],
    ['a source file', 'docs/audit.md', '../src/index.ts', `${repository}/src/index.ts`],
    ['a folder', 'CONTRIBUTING.md', 'create', `${repository}/create`],
    ['a picture', 'README.md', 'docs/images/session.svg', '/images/session.svg'],
    ['a chart', 'docs/performance.md', '../bench/results/soak.svg', '/results/soak.svg'],
    [
      'results',
      'docs/performance.md',
      '../bench/results/latest.json',
      `${repository}/bench/results/latest.json`,
    ],
    ['a heading of the same page', 'docs/audit.md', '#fields', '#fields'],
    ['another site', 'docs/audit.md', 'https://example.com/x.md', 'https://example.com/x.md'],
  ])('leads to %s', (_what, from, link, expected) => {
    expect(linkInSite(from, link, repository)).toBe(expected);
  });

  it('to a source file is dropped without a code host', () => {
    expect(linkInSite('docs/audit.md', '../src/index.ts')).toBeUndefined();
  });
});

describe('a picture of the documentation site', () => {
  it.each(PAGES.filter((page) => pageOf(page)))('of %s has an address and a file', (page) => {
    const pictures = readFileSync(page, 'utf8').matchAll(/!\[[^\]]*\]\(([^)\s]+)/g);
    const own = [...pictures]
      .map(([, source = '']) => source)
      .filter((source) => !source.startsWith('https:'));
    for (const source of own) {
      expect(pictureInSite(page, source)).toMatch(/^\/(?:images|results)\//);
      expect(existsSync(join(dirname(page), source))).toBe(true);
    }
  });

  it('from another folder stops the build', () => {
    expect(() => pictureInSite('docs/audit.md', '../src/logo.svg')).toThrow(
      'docs/audit.md shows ../src/logo.svg',
    );
  });
});

describe('an anchor of the documentation site', () => {
  it.each([
    ['1. Wrong audience', '1-wrong-audience'],
    ['Where do I add …', 'where-do-i-add-'],
    ['`ToolError`, and the_rest', 'toolerror-and-the_rest'],
  ])('of "%s" is that of GitHub', (heading, anchor) => {
    expect(anchorOf(heading)).toBe(anchor);
  });
});

describe('the check of links to other sites', () => {
  it.each([
    ['an inline link with a fragment', '[a](https://example.com/x#y)', 'https://example.com/x#y'],
    ['a link with a title', '[a](https://example.com/x "Title")', 'https://example.com/x'],
    ['a link with parentheses', '([a](https://example.com/x_(y)))', 'https://example.com/x_(y)'],
    ['code as a link', '[`a`](https://example.com/x).', 'https://example.com/x'],
    ['angle brackets', '<https://example.com/x>.', 'https://example.com/x'],
    ['a reference', '[a]\n\n[a]: https://example.com/x', 'https://example.com/x'],
    ['HTML', '<a href="https://example.com/x">a</a>', 'https://example.com/x'],
    ['plain text', 'See https://example.com/x.', 'https://example.com/x'],
  ])('finds %s', (_what, page, link) => {
    expect(externalLinks(page)).toEqual([link]);
  });

  it('finds no links in code and comments', () => {
    const code = '`https://a.example` <!-- https://b.example -->\n\n```sh\ncurl https://c.example\n```\n';
    expect(externalLinks(code)).toEqual([]);
  });

  it('finds the anchor of a link in a page', () => {
    const html = String.raw`<h2 id="first">1</h2><a name=second></a>{"text":"<a id=\"user-content-third\">"}`;
    expect(['first', 'second', 'third', 'fourth'].map((name) => hasAnchor(html, name))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
