import type { JsonSchema } from './subschemas.js';

/** What ArkType says of a type that has no JSON Schema, as far as it matters here. */
interface Unrepresentable {
  readonly code: string;
  readonly proto?: { readonly name: string };
  readonly domain?: string;
  readonly unit?: unknown;
}

type Fallback = (type: Unrepresentable) => JsonSchema;

/** By itself ArkType publishes any value, `{}`, for what JSON cannot represent. */
const refuse: Fallback = ({ code, proto, domain }) => {
  throw new Error(`${proto?.name ?? domain ?? code} cannot be represented in JSON Schema`);
};

/** Options for a conversion of ArkType. */
export const ARKTYPE_OPTIONS: { readonly fallback: Readonly<Record<string, Fallback>> } = {
  fallback: {
    date: () => refuse({ code: 'Date' }),
    domain: refuse,
    proto: refuse,
    // A member that JSON leaves out is undefined, and no value in JSON is.
    unit: (type) => (type.unit === undefined ? { not: {} } : refuse({ code: typeof type.unit })),
  },
};

/** The sources of a type's regular expressions whose flags JSON Schema does not have. */
export function flaggedPatternsOf(type: object): ReadonlySet<string> {
  const references: unknown = Reflect.get(type, 'references');
  const flagged = (Array.isArray(references) ? references : []).filter(
    (node: unknown): node is { readonly rule: string } =>
      isObject(node) &&
      Reflect.get(node, 'kind') === 'pattern' &&
      /[ims]/.test(String(Reflect.get(node, 'flags') ?? '')),
  );
  return new Set(flagged.map(({ rule }) => rule));
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';
