import { SCOPE_TOKEN } from './scope-token.js';

/** Tells whether a scope is held, be it granted itself or included in one that was. */
export type HoldsScope = (scope: string) => boolean;

const CHAIN_SEPARATOR = /[;,\n]/;

/**
 * Which scopes include others: broader ones satisfy what narrower ones do (MCP 2026-07-28, authorization).
 *
 * A name that ends in `*` is a scope that includes every scope beginning with what stands before the `*`.
 */
export class ScopeHierarchy {
  /** A hierarchy in which every scope stands for itself. */
  static readonly flat = new ScopeHierarchy([]);

  /** Each name with those that some chain has right below it. */
  readonly #included: ReadonlyMap<string, ReadonlySet<string>>;

  /** @param chains each from the broadest scope to the narrowest */
  constructor(chains: readonly (readonly string[])[]) {
    const included = new Map<string, Set<string>>();
    for (const name of chains.flat()) included.set(name, new Set());
    for (const chain of chains) {
      chain.slice(1).forEach((narrower, index) => included.get(chain[index] ?? '')?.add(narrower));
    }
    this.#included = included;
  }

  /**
   * `"admin > todo:write > todo:read; editor > doc:*"` → a hierarchy; undefined for anything else.
   *
   * Chains are separated by semicolons, commas or line ends.
   */
  static parse(text: string): ScopeHierarchy | undefined {
    const chains = text
      .split(CHAIN_SEPARATOR)
      .filter((chain) => chain.trim() !== '')
      .map((chain) => chain.split('>').map((name) => name.trim()));
    return chains.flat().every(isName) ? new ScopeHierarchy(chains) : undefined;
  }

  /** Every scope and pattern that it speaks of. */
  get names(): readonly string[] {
    return [...this.#included.keys()];
  }

  /** Whether a scope includes others. */
  isBroad(name: string): boolean {
    return (this.#included.get(name)?.size ?? 0) > 0 || this.#prefixOf(name) !== undefined;
  }

  /** Scopes that include themselves by way of others, from one to itself; undefined when there are none. */
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

  /** The names that stand for nothing: neither known, nor a pattern that some known scope matches. */
  unknownAmong(known: ReadonlySet<string>): string[] {
    const isKnown = (name: string): boolean => {
      const prefix = prefixOf(name);
      return (
        known.has(name) || (prefix !== undefined && [...known].some((scope) => scope.startsWith(prefix)))
      );
    };
    return this.names.filter((name) => !isKnown(name));
  }

  /** What somebody holds who was granted these scopes. */
  heldWith(granted: readonly string[]): HoldsScope {
    const held = new Set<string>();
    const add = (name: string): void => {
      if (held.has(name)) return;
      held.add(name);
      this.#included.get(name)?.forEach(add);
      const prefix = this.#prefixOf(name);
      if (prefix !== undefined) this.names.filter((other) => other.startsWith(prefix)).forEach(add);
    };
    granted.forEach(add);
    const prefixes = [...held].map((name) => this.#prefixOf(name)).filter((prefix) => prefix !== undefined);
    return prefixes.length === 0
      ? (scope) => held.has(scope)
      : (scope) => held.has(scope) || prefixes.some((prefix) => scope.startsWith(prefix));
  }

  /** A pattern is one only where the hierarchy says so: a token's own `*` gives nothing. */
  #prefixOf(name: string): string | undefined {
    return this.#included.has(name) ? prefixOf(name) : undefined;
  }
}

/** What the scopes of a pattern begin with; undefined where a name is none. */
const prefixOf = (name: string): string | undefined => (name.endsWith('*') ? name.slice(0, -1) : undefined);

const isName = (name: string): boolean => SCOPE_TOKEN.test(name) && !name.slice(0, -1).includes('*');
