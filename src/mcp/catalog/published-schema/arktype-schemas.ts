import { hasMembers } from '../../../values/has-members.js';
import type { JsonSchema } from '../../../values/json-schema.js';
import { listIn } from '../../../values/list-in.js';

/** ArkType's description of a type that has no JSON Schema; only the members used here. */
interface Unrepresentable {
  readonly code: string;
  readonly proto?: { readonly name: string };
  readonly domain?: string;
  readonly unit?: unknown;
}

type Fallback = (type: Unrepresentable) => JsonSchema;

/** Throws for types that JSON cannot represent. By default ArkType publishes `{}`, which accepts any value. */
const refuse: Fallback = ({ code, proto, domain }) => {
  throw new Error(`${proto?.name ?? domain ?? code} cannot be represented in JSON Schema`);
};

/** Options for converting ArkType types to JSON Schema. */
export const ARKTYPE_OPTIONS: { readonly fallback: Readonly<Record<string, Fallback>> } = {
  fallback: {
    date: () => refuse({ code: 'Date' }),
    domain: refuse,
    proto: refuse,
    // JSON omits undefined members, so no JSON value matches undefined.
    unit: (type) => (type.unit === undefined ? { not: {} } : refuse({ code: typeof type.unit })),
  },
};

/** Returns the sources of a type's regular expressions with flags, which JSON Schema does not support. */
export function flaggedPatternsOf(type: object): ReadonlySet<string> {
  const references: unknown = Reflect.get(type, 'references');
  const flagged = listIn(references).filter(
    (node: unknown): node is { readonly rule: string } =>
      hasMembers(node) &&
      Reflect.get(node, 'kind') === 'pattern' &&
      /[ims]/.test(String(Reflect.get(node, 'flags') ?? '')),
  );
  return new Set(flagged.map(({ rule }) => rule));
}
