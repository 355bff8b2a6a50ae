import { createHash } from 'node:crypto';

import type { Tool } from '@modelcontextprotocol/server';

import type { Principal } from '../../auth/principal.js';
import type { CompiledTool } from './compiled-tool.js';

/** All tools on offer: an immutable snapshot that requests only read. Sorted by name. */
export class ToolCatalog {
  readonly #tools: ReadonlyMap<string, CompiledTool>;
  /** Every scope that some tool needs, sorted. */
  readonly scopes: readonly string[];
  /** The same for the same tools: 12 hexadecimal digits. */
  readonly hash: string;

  constructor(tools: readonly CompiledTool[]) {
    const sorted = tools.toSorted((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
    this.#tools = new Map(sorted.map((tool) => [tool.definition.name, tool]));
    this.scopes = Object.freeze([...new Set(sorted.flatMap(({ scopes }) => scopes))].toSorted());
    const definitions = JSON.stringify(sorted.map(({ definition, scopes }) => [definition, scopes]));
    this.hash = createHash('sha256').update(definitions).digest('hex').slice(0, 12);
    Object.freeze(this);
  }

  get size(): number {
    return this.#tools.size;
  }

  find(name: string): CompiledTool | undefined {
    return this.#tools.get(name);
  }

  /** What the caller may call, as `tools/list` shows it. */
  listFor(principal: Principal): Tool[] {
    return [...this.#tools.values()]
      .filter(({ scopes }) => principal.hasScopes(scopes))
      .map(({ definition }) => definition);
  }
}
