import { SCOPE_TOKEN } from './scope-token.js';

/** Tells whether a scope is granted, directly or through a broader scope. */
export type HoldsScope = (scope: string) => boolean;

const CHAIN_SEPARATOR = /[;,\n]/;

/**
 * Defines which scopes include others: a broader scope also satisfies narrower ones (MCP 2026-07-28, authorization).
 *
 * A name that ends in `*` is a scope that includes every scope with the prefix before the `*`.
 */
export class ScopeHierarchy {
  /** Hierarchy in which no scope includes another. */
  static readonly flat = new ScopeHierarchy([]);

  /** Names directly below each name in any chain. */
  readonly #included: ReadonlyMap<string, ReadonlySet<string>>;
  /** Scopes that each broad scope includes. */
  readonly #held = new Map<string, HoldsScope>();

  /** @param chains lists of scopes, each ordered from broadest to narrowest */
  constructor(chains: readonly (readonly string[])[]) {
    const included = new Map<string, Set<string>>();
    for (const name of chains.flat()) included.set(name, new Set());
    for (const chain of chains) {
      chain.slice(1).forEach((narrower, index) => included.get(chain[index] ?? '')?.add(narrower));
    }
    this.#included = included;
  }

  /**
   * Parses text such as `"admin > todo:write > todo:read; editor > doc:*"`; returns undefined for invalid text.
   *
   * Semicolons, commas or line breaks separate chains.
   */
  static parse(text: string): ScopeHierarchy | undefined {
    const chains = text
      .split(CHAIN_SEPARATOR)
      .filter((chain) => chain.trim() !== '')
      .map((chain) => chain.split('>').map((name) => name.trim()));
    return chains.flat().every(isName) ? new ScopeHierarchy(chains) : undefined;
  }

  /** Every scope and pattern in the hierarchy. */
  get names(): readonly string[] {
    return [...this.#included.keys()];
  }

  /** Whether a scope includes others. */
  isBroad(name: string): boolean {
    return (this.#included.get(name)?.size ?? 0) > 0 || this.#prefixOf(name) !== undefined;
  }

  /** Path from a scope through the scopes that it includes back to itself; undefined if there is no cycle. */
  get cycle(): readonly string[] | undefined {
    const finished = new Set<string>();
    const follow = (name: string, path: readonly string[]): readonly string[] | undefined => {
      if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
      if (finished.has(name)) return undefined;
      for (const narrower of this.#included.get(name) ?? []) {
        const found = follow(narrower, [...path, name]);
        if (found) return found;
      }
      finished.add(name);
      return undefined;
    };
    for (const name of this.#included.keys()) {
      const found = follow(name, []);
      if (found) return found;
    }
    return undefined;
  }

  /** Returns the names that are neither known scopes nor patterns that match a known scope. */
  unknownAmong(known: ReadonlySet<string>): string[] {
    const isKnown = (name: string): boolean => {
      const prefix = prefixOf(name);
      return (
        known.has(name) || (prefix !== undefined && [...known].some((scope) => scope.startsWith(prefix)))
      );
    };
    return this.names.filter((name) => !isKnown(name));
  }

  /** Returns a function that tells which scopes these granted scopes include. */
  heldWith(granted: readonly string[]): HoldsScope {
    const own = new Set(granted);
    const broad = [...own].filter((name) => this.isBroad(name)).map((name) => this.#heldWithBroad(name));
    return broad.length === 0
      ? (scope) => own.has(scope)
      : (scope) => own.has(scope) || broad.some((holds) => holds(scope));
  }

  /** Returns a function that tells which scopes one broad scope includes. All tokens with the scope share it. */
  #heldWithBroad(broad: string): HoldsScope {
    const known = this.#held.get(broad);
    if (known) return known;
    const held = new Set<string>();
    const add = (name: string): void => {
      if (held.has(name)) return;
      held.add(name);
      this.#included.get(name)?.forEach(add);
      const prefix = this.#prefixOf(name);
      if (prefix !== undefined) this.names.filter((other) => other.startsWith(prefix)).forEach(add);
    };
    add(broad);
    const prefixes = [...held].map((name) => this.#prefixOf(name)).filter((prefix) => prefix !== undefined);
    const holds: HoldsScope = (scope) =>
      held.has(scope) || prefixes.some((prefix) => scope.startsWith(prefix));
    this.#held.set(broad, holds);
    return holds;
  }

  /** Returns the prefix of a pattern. Only names in the hierarchy are patterns: `*` in a token grants nothing. */
  #prefixOf(name: string): string | undefined {
    return this.#included.has(name) ? prefixOf(name) : undefined;
  }
}

/** Returns the part of a pattern before `*`; undefined if the name is not a pattern. */
const prefixOf = (name: string): string | undefined => (name.endsWith('*') ? name.slice(0, -1) : undefined);

const isName = (name: string): boolean => SCOPE_TOKEN.test(name) && !name.slice(0, -1).includes('*');
