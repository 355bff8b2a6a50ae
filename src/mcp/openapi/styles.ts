import { isRecord } from '../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import { invalid } from '../controllers/invalid-argument.js';
import { pathPart, encoded, textOf } from '../controllers/tool-request.js';
import { textIn } from '../controllers/api-document.js';
import { requireOwnNames, type SentNames } from './member-names.js';

/** Place of a parameter. */
export type Place = 'path' | 'query' | 'header' | 'cookie';

const STYLES = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
} as const satisfies Record<Place, readonly string[]>;

/** How a value becomes text (OpenAPI, "Style Values"). `json` stands for a parameter with `content`. */
export interface Style {
  readonly name: (typeof STYLES)[Place][number] | 'json';
  readonly explode: boolean;
  /** Whether reserved characters of RFC 3986 are sent as they are. */
  readonly allowReserved: boolean;
}

/** Style of a value that is sent as JSON. */
export const JSON_STYLE: Style = { name: 'json', explode: false, allowReserved: false };

/** Reads the style of a parameter. */
export function styleOf(
  place: Place,
  { style, explode, allowReserved }: Readonly<Record<string, unknown>>,
): Style {
  const name = STYLES[place].find((known) => known === style) ?? STYLES[place][0];
  return {
    name: style === undefined || name === style ? name : unsupported(style),
    explode: typeof explode === 'boolean' ? explode : name === 'form' || name === 'deepObject',
    allowReserved: allowReserved === true && place === 'query',
  };
}

const unsupported = (style: unknown): never => {
  throw new Error(`has the unknown style ${String(textIn(style)).slice(0, 40)}.`);
};

/** Whether OpenAPI defines a style for values of a schema. */
export function isSupported({ name, explode }: Style, place: Place, schema: Readonly<JsonSchema>): boolean {
  const types = new Set(typesOf(schema));
  if (name === 'spaceDelimited' || name === 'pipeDelimited') return !types.has('object');
  // `; a=1` for each member would let one argument set every cookie.
  return !(place === 'cookie' && explode && types.has('object'));
}

type Encode = (text: string) => string;

/** Members of a value as texts: one, those of a list, or those of an object by name. */
type Parts =
  | { readonly kind: 'one'; readonly text: string }
  | { readonly kind: 'list'; readonly texts: readonly string[] }
  | { readonly kind: 'object'; readonly pairs: readonly (readonly [string, string])[] };

function partsOf(name: string, value: unknown, encode: Encode): Parts {
  const one = (inner: unknown): string => encode(textOf(name, inner));
  if (Array.isArray(value)) return { kind: 'list', texts: value.map(one) };
  if (!isRecord(value)) return { kind: 'one', text: one(value) };
  const pairs = Object.entries(value)
    .filter(([, inner]) => inner !== undefined && inner !== null)
    .map(([key, inner]): [string, string] => [encode(key), one(inner)]);
  return { kind: 'object', pairs };
}

/**
 * Serializes a parameter of the path.
 *
 * @param name name of the argument, for messages
 * @param key name of the parameter
 * @throws {Refusal} when the value is not one part of a path
 */
export function pathText(name: string, key: string, value: unknown, style: Style): string {
  const parts = partsOf(name, style.name === 'json' ? JSON.stringify(value) : value, (text) =>
    pathPart(name, text),
  );
  // An empty list in the style `label` would be the part `.` of the path.
  if (isEmpty(parts)) throw invalid(name, 'must not be empty, because it is part of a path');
  const { explode } = style;
  if (style.name === 'label') return labelText(parts, explode);
  if (style.name === 'matrix') return matrixText(encodeURIComponent(key), parts, explode);
  return simpleText(parts, explode);
}

const isEmpty = (parts: Parts): boolean =>
  (parts.kind === 'list' && parts.texts.length === 0) ||
  (parts.kind === 'object' && parts.pairs.length === 0);

const simpleText = (parts: Parts, explode: boolean): string => {
  if (parts.kind === 'one') return parts.text;
  if (parts.kind === 'list') return parts.texts.join(',');
  return parts.pairs.map(([key, text]) => `${key}${explode ? '=' : ','}${text}`).join(',');
};

function labelText(parts: Parts, explode: boolean): string {
  if (parts.kind === 'one') return `.${parts.text}`;
  if (parts.kind === 'list') return `.${parts.texts.join(explode ? '.' : ',')}`;
  return `.${explode ? parts.pairs.map((pair) => pair.join('=')).join('.') : parts.pairs.flat().join(',')}`;
}

function matrixText(key: string, parts: Parts, explode: boolean): string {
  if (parts.kind === 'one') return `;${key}=${parts.text}`;
  if (parts.kind === 'list') {
    return explode
      ? parts.texts.map((text) => `;${key}=${text}`).join('')
      : `;${key}=${parts.texts.join(',')}`;
  }
  return explode
    ? parts.pairs.map((pair) => `;${pair.join('=')}`).join('')
    : `;${key}=${parts.pairs.flat().join(',')}`;
}

/**
 * Serializes a value as pairs of a query or of a form body.
 *
 * @param names names next to it
 * @throws {Refusal} when an API could read a member of an object as one of them, which the mapping may have fixed or
 *   left out
 */
export function queryPairs(
  name: string,
  key: string,
  value: unknown,
  style: Style,
  names: SentNames,
): string[] {
  const pairs = pairsOf(name, key, value, style);
  const sent = pairs.map((pair) => decodeURIComponent(pair.slice(0, pair.indexOf('='))));
  requireOwnNames(name, key.toLowerCase(), sent, names);
  return pairs;
}

function pairsOf(name: string, key: string, value: unknown, style: Style): string[] {
  const encode: Encode = (text) => (style.allowReserved ? reserved(name, text) : encoded(name, text));
  const named = encodeURIComponent(key);
  if (style.name === 'json') return [`${named}=${encoded(name, JSON.stringify(value))}`];
  if (style.name === 'deepObject') return deepPairs(name, named, value, encode, 0);
  const parts = partsOf(name, value, encode);
  if (parts.kind === 'one') return [`${named}=${parts.text}`];
  if (style.explode) {
    return parts.kind === 'list'
      ? parts.texts.map((text) => `${named}=${text}`)
      : parts.pairs.map((pair) => pair.join('='));
  }
  const texts = parts.kind === 'list' ? parts.texts : parts.pairs.flat();
  return texts.length === 0 ? [] : [`${named}=${texts.join(SEPARATORS[style.name] ?? ',')}`];
}

const SEPARATORS: Partial<Record<Style['name'], string>> = { spaceDelimited: '%20', pipeDelimited: '%7C' };

const MAX_DEPTH = 16;

/** OpenAPI defines one level only. Deeper levels and lists follow the usual form, such as `a[b][0]=1`. */
function deepPairs(name: string, key: string, value: unknown, encode: Encode, depth: number): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object') return [`${key}=${encode(textOf(name, value))}`];
  if (depth === MAX_DEPTH) throw invalid(name, 'is nested too deeply');
  return Object.entries(value).flatMap(([member, inner]) =>
    deepPairs(name, `${key}[${encoded(name, member)}]`, inner, encode, depth + 1),
  );
}

/** Encodes everything that would end the value, which `;` does for some servers. */
const reserved = (name: string, text: string): string =>
  encoded(name, text).replaceAll(/%(3A|2F|3F|5B|5D|40|21|24|27|28|29|2A|2C)/g, (code) =>
    decodeURIComponent(code),
  );

/** Serializes a header. */
export const headerText = (name: string, value: unknown, { name: style, explode }: Style): string =>
  style === 'json'
    ? JSON.stringify(value)
    : simpleText(
        partsOf(name, value, (text) => text),
        explode,
      );

/** Serializes a cookie. */
export const cookieText = (name: string, key: string, value: unknown, style: Style): string =>
  style.name === 'json'
    ? `${key}=${encoded(name, JSON.stringify(value))}`
    : `${key}=${[partsOf(name, value, (text) => encoded(name, text))].map((parts) => simpleText(parts, false)).join('')}`;
