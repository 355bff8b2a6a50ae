import { isRecord } from '../../../values/is-record.js';
import type { JsonSchema } from '../../../values/json-schema.js';
import { recordIn } from '../../../values/record-in.js';
import { subschemas } from './subschemas.js';

/** Keywords that describe without restricting. A keyword next to a `$ref` overrides that of the referenced schema. */
const ANNOTATIONS = new Set(['$schema', 'title', 'description', 'default', 'examples', 'deprecated']);
const DEFINITIONS = ['$defs', 'definitions'] as const;

/** Resolves a reference within a document. Returns undefined if the target does not exist there. */
export function resolved(document: JsonSchema, reference: string): JsonSchema | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  let found: unknown = document;
  for (const part of reference.split('/').slice(1)) {
    const name = decoded(part)?.replaceAll('~1', '/').replaceAll('~0', '~');
    if (name === undefined) return undefined;
    if (Array.isArray(found)) found = found[Number(name)];
    else found = isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return isRecord(found) ? found : undefined;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined; // invalid percent-encoding
  }
}

/** Replaces a `$ref` at the root by its target, because clients and Aerie itself look for the members at the root. */
export function withInlinedRoot(document: JsonSchema): JsonSchema {
  const seen = new Set<string>();
  let root = document;
  while (typeof root['$ref'] === 'string') {
    const { $ref: _reference, ...beside } = root;
    const named = resolved(document, root['$ref']);
    if (!named || seen.has(root['$ref']) || Object.keys(beside).some((key) => contradicts(key, named))) {
      return document;
    }
    seen.add(root['$ref']);
    root = { ...named, ...beside };
  }
  return root === document ? document : withoutUnusedDefinitions(root);
}

const contradicts = (keyword: string, named: JsonSchema): boolean =>
  keyword in named && !ANNOTATIONS.has(keyword);

/** Whether a reference stays valid when the surrounding schema moves. Definitions stay at the root. */
export const namesDefinition = (reference: string): boolean =>
  DEFINITIONS.some((keyword) => reference.startsWith(`#/${keyword}/`));

function withoutUnusedDefinitions(document: JsonSchema): JsonSchema {
  const { $defs, definitions, ...members } = document;
  const used = new Set<string>();
  const open: JsonSchema[] = [members];
  for (const schema of open) {
    for (const reference of referencesIn(schema)) {
      if (!reference.startsWith('#')) return document; // refers to a schema by its $id
      if (!namesDefinition(reference)) continue;
      const name = reference.split('/', 3).join('/');
      const definition = resolved(document, name);
      if (!definition || used.has(name)) continue;
      used.add(name);
      open.push(definition);
    }
  }
  const kept = (keyword: string, all: unknown): JsonSchema => {
    const entries = Object.entries(recordIn(all)).filter(([name]) =>
      used.has(`#/${keyword}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
    );
    return entries.length === 0 ? {} : { [keyword]: Object.fromEntries(entries) };
  };
  return { ...members, ...kept('$defs', $defs), ...kept('definitions', definitions) };
}

function referencesIn(document: JsonSchema): string[] {
  return [...subschemas(document)].flatMap(({ schema }) =>
    [schema['$ref'], schema['$dynamicRef']].filter((reference) => typeof reference === 'string'),
  );
}
