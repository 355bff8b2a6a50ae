/** Characters of a URL in Markdown or HTML. A URL may contain parentheses in pairs. */
const URL_IN_TEXT = /https?:\/\/(?:[^\s<>"'()[\]`|]|\([^\s<>"'()[\]`|]*\))+/g;
const END_OF_SENTENCE = /[.,:;!?*_]+$/;

/** Code and comments, whose URLs are no links. */
const NO_LINKS = [/^ *```.*?^ *```/gms, /<!--.*?-->/gs, /(`+)[^`]+?\1(?!`)/g];

/** Returns the links of a page to other sites: inline, by reference, in angle brackets, in HTML, or as plain text. */
export function externalLinks(page: string): string[] {
  const text = NO_LINKS.reduce((rest, pattern) => rest.replaceAll(pattern, ''), page);
  return [...text.matchAll(URL_IN_TEXT)].map(([link]) => link.replace(END_OF_SENTENCE, ''));
}

/** Whether a page has an element for a fragment. GitHub prefixes those of a README, and has its HTML inside JSON. */
export function hasAnchor(html: string, fragment: string): boolean {
  const names = new Set([...html.matchAll(/\b(?:id|name)=\\?["']?([^"'\\\s>]+)/g)].map(([, name]) => name));
  const wanted = decodeURIComponent(fragment);
  return names.has(wanted) || names.has(`user-content-${wanted}`);
}
