import { hash } from 'node:crypto';

import type { CacheHint } from '@modelcontextprotocol/server';

import type { AccessRule } from '../../auth/access/access-rule.js';
import type { DeclaredScopes } from '../../auth/protected-resource.js';
import { basicScopesOf } from './basic-scopes.js';
import type { CompiledPrompt } from './compiled-prompt.js';
import type { CompiledResource, CompiledTemplate } from './compiled-resource.js';
import type { CompiledTool } from './compiled-tool.js';
import type { Offer } from './offer.js';
import { toolsByGroup } from './tool-groups.js';

/** Method that returns a list which clients may cache. */
export type ListMethod = 'tools/list' | 'prompts/list' | 'resources/list' | 'resources/templates/list';

/** Cache lifetime of a list that a new token does not change, in milliseconds. Subscribed clients are notified sooner. */
const LIST_LIFETIME = 60_000;

/** Tools, resources, resource templates and prompts. */
export interface Offers {
  readonly tools: readonly CompiledTool[];
  readonly resources: readonly CompiledResource[];
  readonly templates: readonly CompiledTemplate[];
  readonly prompts: readonly CompiledPrompt[];
}

export const NO_OFFERS: Offers = { tools: [], resources: [], templates: [], prompts: [] };

/** Resource that a URI identifies: a fixed resource or a matching template. */
export interface NamedResource {
  readonly resource: CompiledResource | CompiledTemplate;
  /** Template variables; empty for a fixed resource. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Immutable snapshot of all offers. Each kind is sorted by name. What few requests need is computed at first use. */
export class Catalog implements Offers {
  readonly tools: readonly CompiledTool[];
  readonly resources: readonly CompiledResource[];
  readonly templates: readonly CompiledTemplate[];
  readonly prompts: readonly CompiledPrompt[];
  /** Cache hints of each list. */
  readonly cacheHints: Readonly<Record<ListMethod, CacheHint>>;
  /** Whether functions of the application decide who may see some of the tools. Nothing keeps such lists. */
  readonly hasConditionalTools: boolean;
  readonly #tools: ReadonlyMap<string, CompiledTool>;
  readonly #groups: ReadonlyMap<string, readonly CompiledTool[]>;
  readonly #resources: ReadonlyMap<string, CompiledResource>;
  readonly #prompts: ReadonlyMap<string, CompiledPrompt>;
  #scopes: DeclaredScopes | undefined;
  #hash: string | undefined;

  constructor(offers: Offers) {
    this.tools = sorted(offers.tools);
    this.resources = sorted(offers.resources);
    this.templates = sorted(offers.templates);
    this.prompts = sorted(offers.prompts);
    this.#tools = new Map(this.tools.map((tool) => [tool.name, tool]));
    this.#groups = toolsByGroup(this.tools);
    this.#resources = new Map(this.resources.map((resource) => [resource.definition.uri, resource]));
    this.#prompts = new Map(this.prompts.map((prompt) => [prompt.name, prompt]));
    this.hasConditionalTools = this.tools.some(isConditional);
    this.cacheHints = {
      'tools/list': cacheHint(this.tools),
      'prompts/list': cacheHint(this.prompts),
      'resources/list': this.templates.some(({ list }) => list)
        ? UNCACHED
        : cacheHint([...this.resources, ...this.templates]),
      'resources/templates/list': cacheHint(this.templates),
    };
    Object.freeze(this);
  }

  /** Every scope that an offer needs, sorted. */
  get scopes(): DeclaredScopes {
    return (this.#scopes ??= declaredScopes(this.tools, this.#all));
  }

  /** Hash of the offers: 12 hexadecimal digits. */
  get hash(): string {
    return (this.#hash ??= hashOf(this.#all));
  }

  get #all(): DefinedOffer[] {
    return [...this.tools, ...this.resources, ...this.templates, ...this.prompts];
  }

  findTool(name: string): CompiledTool | undefined {
    return this.#tools.get(name);
  }

  /** Returns the tools of a group; empty for an unknown group. */
  toolsIn(group: string): readonly CompiledTool[] {
    return this.#groups.get(group) ?? [];
  }

  /** Names of the groups, sorted. */
  get groups(): readonly string[] {
    return [...this.#groups.keys()].toSorted();
  }

  findPrompt(name: string): CompiledPrompt | undefined {
    return this.#prompts.get(name);
  }

  /** Yields the resources that a URI may identify: the fixed resource first, then the matching templates. */
  *resourcesAt(uri: string): Generator<NamedResource> {
    const fixed = this.#resources.get(uri);
    if (fixed) yield { resource: fixed, variables: {} };
    for (const resource of this.templates) {
      const variables = resource.template.match(uri);
      if (variables) yield { resource, variables };
    }
  }

  findTemplate(uriTemplate: string): CompiledTemplate | undefined {
    return this.templates.find(({ definition }) => definition.uriTemplate === uriTemplate);
  }
}

const sorted = <Kind extends Offer>(offers: readonly Kind[]): readonly Kind[] =>
  Object.freeze(offers.toSorted((a, b) => (a.name < b.name ? -1 : 1)));

/** Hint of a list that methods of templates make anew for each caller. */
const UNCACHED: CacheHint = { ttlMs: 0, cacheScope: 'private' };

/**
 * Returns the cache hint of a list. A list is public if it is the same for all callers, otherwise private.
 *
 * A list that grows with more scopes is not cached: after a step-up, a client would not see the new entries. Neither is
 * a list that functions of the application filter, because their data may change.
 */
function cacheHint(offers: readonly Offer[]): CacheHint {
  const isSame = offers.every(({ kind, access }) => kind !== 'tool' && access.isOpen);
  const mayGrow = offers.some(({ access }) => access.needsScopes && access.visibility !== 'discoverable');
  return {
    ttlMs: mayGrow || offers.some(isConditional) ? 0 : LIST_LIFETIME,
    cacheScope: isSame ? 'public' : 'private',
  };
}

const isConditional = ({ access }: Offer): boolean => access.isConditional;

type DefinedOffer = CompiledTool | CompiledResource | CompiledTemplate | CompiledPrompt;

function hashOf(offers: readonly DefinedOffer[]): string {
  const definitions = offers.map(({ kind, definition, access }) => [kind, definition, access]);
  return hash('sha256', JSON.stringify(definitions), 'hex').slice(0, 12);
}

const declaredScopes = (tools: readonly CompiledTool[], all: readonly DefinedOffer[]): DeclaredScopes => ({
  ...scopesOf(all),
  basic: basicScopesOf(tools, all),
  uses: usesOf(all),
});

function scopesOf(
  offers: readonly { readonly access: AccessRule }[],
): Pick<DeclaredScopes, 'published' | 'secret'> {
  const needed = (isSecret: boolean): string[] =>
    offers
      .filter(({ access }) => (access.visibility === 'secret') === isSecret)
      .flatMap(({ access }) => access.scopes.flat());
  const published = new Set(needed(false));
  const secret = new Set(needed(true).filter((scope) => !published.has(scope)));
  return { published: [...published].toSorted(), secret: [...secret].toSorted() };
}

/** Returns the titles of the offers that need each scope, except of secret offers and those for some callers only. */
function usesOf(offers: readonly DefinedOffer[]): Map<string, string[]> {
  const uses = new Map<string, string[]>();
  for (const { name, definition, access } of offers) {
    if (access.visibility === 'secret' || access.isConditional) continue;
    for (const scope of new Set(access.scopes.flat())) {
      const titles = uses.get(scope) ?? [];
      titles.push(definition.title ?? name);
      uses.set(scope, titles);
    }
  }
  return uses;
}
