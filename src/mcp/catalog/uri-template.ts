import {
  type Fragment,
  type Parameter,
  type Part,
  partsOf,
  type TemplateParts,
} from './uri-template-parts.js';

/** Maximum length of a URI that a template matches, in characters. Subscriptions store URIs, and matching takes time. */
const MAX_URI_LENGTH = 8_192;

/** Decoded values of a template's variables. Optional variables may be missing. */
export type Variables = Readonly<Record<string, string>>;

/** URI template (RFC 6570, level 3), compiled for matching. */
export interface UriTemplate {
  readonly variables: readonly string[];
  /** Extracts the variables of a URI. Returns undefined if the URI does not match. */
  match(uri: string): Variables | undefined;
}

/** Whether a string is a template and not a fixed URI. */
export const isUriTemplate = (uri: string): boolean => /[{}]/.test(uri);

/**
 * Compiles a template. Matching takes linear time in the length of the URI.
 *
 * @throws {TypeError} when the template is invalid, or its variables cannot be extracted from a URI
 */
export function compileUriTemplate(template: string): UriTemplate {
  const parts = partsOf(template);
  return {
    variables: parts.variables,
    match: (uri) => (uri.length > MAX_URI_LENGTH ? undefined : matched(parts, uri)),
  };
}

function matched({ path, query, fragment }: TemplateParts, uri: string): Variables | undefined {
  // Most URIs belong to another template and differ at the start.
  const [first] = path;
  if (first?.kind === 'literal' && !uri.startsWith(first.text)) return undefined;
  const [beforeFragment, uriFragment] = fragment ? split(uri, '#') : [uri];
  const [uriPath, uriQuery] = query ? split(beforeFragment, '?') : [beforeFragment];
  const found = new Map<string, string>();
  try {
    const matches =
      matchPath(path, uriPath, found) &&
      (!query || matchQuery(query, uriQuery, found)) &&
      (!fragment || matchFragment(fragment, uriFragment, found));
    return matches ? Object.fromEntries(found) : undefined;
  } catch (error) {
    if (error instanceof URIError) return undefined; // invalid percent-encoding
    throw error;
  }
}

function split(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function matchPath(parts: readonly Part[], text: string, found: Map<string, string>): boolean {
  const reach = reachable(parts, text);
  if (!reach[0]?.[0]) return false;
  let position = 0;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (part?.kind === 'literal') position += part.text.length;
    else if (part?.kind === 'optional' && !reach[index + 1]?.[position]) index = part.end - 1;
    else if (part?.kind === 'variable') {
      const next = reach[index + 1];
      // Takes the longest value, unless an optional part follows, which a greedy value would consume.
      const isShortest = parts[index + 1]?.kind === 'optional';
      let end = -1;
      for (let at = position; at <= text.length; at++) {
        if (next?.[at] && at > position) {
          end = at;
          if (isShortest) break;
        }
        if (part.excluded.includes(text.charAt(at))) break;
      }
      const value = decodeURIComponent(text.slice(position, end));
      if (value.includes('\0') || (!part.isReserved && leavesSegment(value))) return false;
      found.set(part.name, value);
      position = end;
    }
  }
  return true;
}

/**
 * Computes for each part and position whether the remaining parts match the remaining text. Works backward, so that no
 * combination is tried twice.
 */
function reachable(parts: readonly Part[], text: string): readonly Uint8Array[] {
  const { length } = text;
  const reach = Array.from({ length: parts.length + 1 }, () => new Uint8Array(length + 1));
  const at = (index: number, position: number): number => reach[index]?.[position] ?? 0;
  reach.at(-1)?.set([1], length);
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index];
    const here = reach[index];
    if (!part || !here) continue;
    let within = 0;
    for (let position = length; position >= 0; position--) {
      if (part.kind === 'literal') {
        const next = at(index + 1, position + part.text.length);
        here[position] = next && text.startsWith(part.text, position) ? 1 : 0;
      } else if (part.kind === 'optional') {
        here[position] = at(index + 1, position) || at(part.end, position);
      } else {
        const isAllowed = position < length && !part.excluded.includes(text.charAt(position));
        here[position] = isAllowed ? within : 0;
        within = here[position] || at(index + 1, position);
      }
    }
  }
  return reach;
}

/** Matches query parameters in any order, each at most once. A parameter unknown to the template does not match. */
function matchQuery(
  parameters: ReadonlyMap<string, Parameter>,
  query: string | undefined,
  found: Map<string, string>,
): boolean {
  const given = new Map<string, string>();
  for (const item of query?.split('&') ?? []) {
    if (item === '') continue;
    if (item.includes('#')) return false;
    const [name, value = ''] = split(item, '=').map((text) => decodeURIComponent(text ?? ''));
    if (name === undefined || !parameters.has(name) || given.has(name)) return false;
    given.set(name, value);
  }
  for (const [name, parameter] of parameters) {
    const value = given.get(name);
    if ('value' in parameter) {
      if (value !== decodeURIComponent(parameter.value)) return false;
    } else if (value === undefined) {
      if (!parameter.isOptional) return false;
    } else if (isUnsafe(value)) return false;
    else found.set(parameter.variable, value);
  }
  return true;
}

function matchFragment(
  expected: Fragment,
  fragment: string | undefined,
  found: Map<string, string>,
): boolean {
  if ('text' in expected) return fragment === expected.text;
  if (fragment === undefined) return true;
  const value = decodeURIComponent(fragment);
  if (isUnsafe(value)) return false;
  found.set(expected.variable, value);
  return true;
}

/** Whether a decoded value contains a `..` segment or a NUL character. */
const isUnsafe = (value: string): boolean => value.includes('\0') || value.split(/[\\/]/).includes('..');

/** Whether a decoded value is not a single path segment. */
const leavesSegment = (value: string): boolean => /[\\/]/.test(value) || value === '..';
