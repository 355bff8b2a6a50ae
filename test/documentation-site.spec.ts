import { readdirSync, readFileSync } from 'node:fs';

import { PAGES } from '../scripts/documentation/blocks.js';
import { linkInSite, pageOf } from '../site/addresses.js';
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
    ['a heading of the same page', 'docs/audit.md', '#fields', '#fields'],
    ['another site', 'docs/audit.md', 'https://example.com/x.md', 'https://example.com/x.md'],
  ])('leads to %s', (_what, from, link, expected) => {
    expect(linkInSite(from, link, repository)).toBe(expected);
  });

  it('to a source file is dropped without a code host', () => {
    expect(linkInSite('docs/audit.md', '../src/index.ts')).toBeUndefined();
  });
});
