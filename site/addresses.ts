import { posix } from 'node:path';

const PAGE = /^(?:docs\/(?:[\w-]+\/)?[\w-]+|README|SECURITY|CONTRIBUTING|CODE_OF_CONDUCT|CHANGELOG)\.md$/;

/**
 * Returns the path of a page in the site, such as `runbooks/index.md`.
 *
 * @param file path in the repository, such as `docs/runbooks/README.md`
 * @returns undefined if the file is not a page of the site
 */
export function pageOf(file: string): string | undefined {
  if (!PAGE.test(file)) return undefined;
  if (file === 'README.md') return 'start.md';
  return file
    .replace(/^docs\//, '')
    .replace(/README\.md$/, 'index.md')
    .toLowerCase();
}

/**
 * Converts a link between files of the repository into one that works in the site: to a page or picture of the site,
 * or else to the file on the code host.
 *
 * @param from path of the linking page in the repository
 * @param repository URL of the files on the code host, such as `https://github.com/acme/aerie/blob/main`
 * @returns undefined if the link leads to a file outside of the site and no code host is known
 */
export function linkInSite(from: string, link: string, repository?: string): string | undefined {
  if (/^(?:[a-z]+:|#|\/)/i.test(link)) return link;
  const [path = '', ...anchors] = link.split('#');
  const hash = anchors.map((anchor) => `#${anchor}`).join('');
  const file = posix.join(posix.dirname(from), decodeURI(path));
  if (file.startsWith('docs/images/')) return `/${file.slice('docs/'.length)}`;
  const page = pageOf(file);
  if (page) return `/${page}${hash}`;
  return repository && `${repository}/${file}${hash}`;
}
