import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { defineConfig, type DefaultTheme, type MarkdownOptions } from 'vitepress';

import { llmsTexts } from '../../scripts/document-llms/llms-texts.js';
import { anchorOf, isPicture, linkInSite, pageOf, PICTURES, pictureInSite } from '../addresses.js';
import { FOLDERS, SECTIONS } from '../pages.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAGE = fileURLToPath(new URL('../.pages', import.meta.url));

/** URL of the files on the code host. Without it, links to files outside of the site become text. */
const repository = process.env['DOCS_REPOSITORY'] || undefined;
/** Path of the site on its host. */
const base = process.env['DOCS_BASE'] || '/';

const link = (file: string): string => `/${pageOf(file)?.replace(/(?:index)?\.md$/, '') ?? ''}`;

/** File of the repository by its path in the site. */
const files = new Map(
  globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT }).flatMap((file) => {
    const page = pageOf(file);
    return page ? [[page, file] as const] : [];
  }),
);

// Vite resolves the imports of compiled pages from where the pages are, so they are copied next to node_modules.
rmSync(STAGE, { recursive: true, force: true });
for (const [page, file] of files) {
  mkdirSync(dirname(join(STAGE, page)), { recursive: true });
  cpSync(join(ROOT, file), join(STAGE, page));
}
for (const [folder, path] of Object.entries(PICTURES)) {
  for (const picture of readdirSync(join(ROOT, folder)).filter(isPicture)) {
    cpSync(join(ROOT, folder, picture), join(STAGE, 'public', path, picture));
  }
}
const { index, full } = llmsTexts((file) => `${base}${link(file).slice(1)}`, ROOT);
writeFileSync(join(STAGE, 'public/llms.txt'), index);
writeFileSync(join(STAGE, 'public/llms-full.txt'), full);

/** Lists the pages of a folder by their headings. */
const pagesIn = (folder: string): DefaultTheme.SidebarItem[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .sort()
    .map((name) => {
      const [, text = name] = /^# (.*)$/m.exec(readFileSync(join(ROOT, folder, name), 'utf8')) ?? [];
      return { text: text.replaceAll('`', ''), link: link(`${folder}/${name}`) };
    });

const sidebar: DefaultTheme.SidebarItem[] = [
  ...SECTIONS.map(({ title, pages }) => ({
    text: title,
    items: Object.entries(pages).map(([file, text]) => ({ text, link: link(file) })),
  })),
  ...Object.entries(FOLDERS).map(([folder, text]) => ({
    text,
    link: link(`${folder}/README.md`),
    collapsed: true,
    items: pagesIn(folder),
  })),
];

/** Makes the links and pictures of the repository work in the site. */
const rewriteLinks: MarkdownOptions['config'] = (markdown) => {
  markdown.core.ruler.push('links_of_the_repository', ({ tokens, env }) => {
    const from = files.get(env.relativePath) ?? '';
    for (const { children } of tokens) {
      let isText = false; // links do not nest
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const href = linkInSite(from, token.attrGet('href') ?? '', repository);
          isText = href === undefined;
          if (href !== undefined) token.attrSet('href', href);
        }
        if (isText && token.type.startsWith('link_')) token.type = 'text'; // without content
        if (token.type === 'code_inline') token.attrSet('v-pre', ''); // may contain {{ }}, which Vue would read
        if (token.type === 'image') token.attrSet('src', pictureInSite(from, token.attrGet('src') ?? ''));
      }
    }
  });
};

export default defineConfig({
  title: 'Aerie',
  description: 'An MCP server for companies: your tools behind OAuth 2.1.',
  lang: 'en-US',
  base,
  head: [
    ['link', { rel: 'icon', href: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>' }], // no request
  ],
  srcDir: '.pages',
  outDir: 'dist',
  cleanUrls: true,
  markdown: {
    anchor: { slugify: anchorOf },
    config: rewriteLinks,
    languageAlias: { promql: 'txt', redis: 'txt' },
  },
  themeConfig: {
    search: { provider: 'local' },
    sidebar,
    outline: [2, 3],
    nav: [
      { text: 'Write tools', link: '/writing-tools' },
      { text: 'NestJS', link: '/embedding' },
      { text: 'Operate', link: '/deploy' },
      { text: 'Security', link: '/security' },
    ],
    ...(repository ? { socialLinks: [{ icon: 'github', link: repository.replace(/\/blob\/.*/, '') }] } : {}),
  },
});
