import { posix } from 'node:path';

/** Folders of pictures in the repository, and their paths in the site. */
export const PICTURES = { 'docs/images': 'images', 'bench/results': 'results' } as const;

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
  for (const [folder, address] of Object.entries(PICTURES)) {
    if (file.startsWith(`${folder}/`) && isPicture(file)) return `/${address}${file.slice(folder.length)}`;
  }
  const page = pageOf(file);
  if (page) return `/${page}${hash}`;
  return repository && `${repository}/${file}${hash}`;
}

/**
 * Converts the address of a picture into one that works in the site.
 *
 * @throws {Error} if the site does not have the picture
 */
export function pictureInSite(from: string, source: string): string {
  const address = linkInSite(from, source);
  if (address === undefined)
    throw new Error(
      `${from} shows ${source}, which the site does not have. Add its folder to site/addresses.ts.`,
    );
  return address;
}

export const isPicture = (file: string): boolean => /\.(?:png|svg)$/.test(file);

/** Returns the anchor of a heading, as GitHub derives it. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
