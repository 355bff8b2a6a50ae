import { createHash } from 'node:crypto';

import type { DeclaredScopes } from '../../auth/protected-resource.js';
import type { CompiledTool } from './compiled-tool.js';

/** All tools on offer: an immutable snapshot that requests only read. Sorted by name. */
export class ToolCatalog {
  readonly #byName: ReadonlyMap<string, CompiledTool>;
  readonly tools: readonly CompiledTool[];
  /** Every scope that some tool needs, sorted. */
  readonly scopes: DeclaredScopes;
  /** The same for the same tools: 12 hexadecimal digits. */
  readonly hash: string;

  constructor(tools: readonly CompiledTool[]) {
    this.tools = Object.freeze(tools.toSorted((a, b) => (a.definition.name < b.definition.name ? -1 : 1)));
    this.#byName = new Map(this.tools.map((tool) => [tool.definition.name, tool]));
    this.scopes = scopesOf(this.tools);
    const definitions = JSON.stringify(this.tools.map(({ definition, access }) => [definition, access]));
    this.hash = createHash('sha256').update(definitions).digest('hex').slice(0, 12);
    Object.freeze(this);
  }

  get size(): number {
    return this.tools.length;
  }

  find(name: string): CompiledTool | undefined {
    return this.#byName.get(name);
  }
}

function scopesOf(tools: readonly CompiledTool[]): DeclaredScopes {
  const needed = (isSecret: boolean): string[] =>
    tools
      .filter(({ access }) => (access.visibility === 'secret') === isSecret)
      .flatMap(({ access }) => access.scopes.flat());
  const published = [...new Set(needed(false))].toSorted();
  const secret = [...new Set(needed(true))].filter((scope) => !published.includes(scope)).toSorted();
  return { published, secret };
}
