import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';

import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { loadOptional } from '../../values/load-optional.js';
import { type AskedTool, AuthorizationService } from '../authorization/authorization.service.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { CompiledTool } from '../catalog/compiled-tool.js';
import { EnhancedOffers } from '../catalog/enhanced-offers.js';
import type { RequestContext } from '../context/request-context.js';
import type { ToolSelection } from '../context/tool-selection.js';
import type { Target } from '../wire/messages.js';
import { type ListedTool, listingOf } from '../catalog/listed-tool.js';
import { searchTools, type Searched } from './search-tools.js';
import type { ToolIndex } from './tool-index.js';

/**
 * The ranking of a tool depends on how many others have the same words. So secret tools are only in the index of callers
 * who may list one of them, and the order of results tells nothing about them to others.
 */
interface Indexes {
  readonly open: ToolIndex;
  /** Empty if no tool is secret. */
  readonly all: ToolIndex;
}

/**
 * Lets clients search tools instead of listing all of them (`TOOL_SEARCH`). The index is built at startup, and
 * updated at the first search after a change of the catalog. What a caller may find is decided with each search.
 */
@Injectable()
export class ToolSearch implements OnApplicationBootstrap, Searched {
  #indexes: Indexes | undefined;
  /** Whether the catalog has changed since the indexes were updated. Many changes in a row need one update. */
  #isStale = false;
  #searching: ReadonlyMap<string, CompiledTool> = new Map();
  readonly #entryOf: ReturnType<typeof listingOf>;

  constructor(
    private readonly catalog: CatalogService,
    private readonly authorization: AuthorizationService,
    private readonly enhanced: EnhancedOffers,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {
    this.#entryOf = listingOf(configuration);
  }

  /** Runs when all providers have started, because they may add tools. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.configuration.tools.search === 'off') return;
    const { ToolIndex } = await loadOptional('TOOL_SEARCH', ['minisearch'], () => import('./tool-index.js'));
    const indexes = { open: new ToolIndex(), all: new ToolIndex() };
    update(indexes, this.catalog.current.tools);
    this.catalog.onChange((list) => {
      if (list === 'tools') this.#isStale = true;
    });
    this.#indexes = indexes;
    this.#searching = new Map(searchTools(this).map((tool) => [tool.name, this.enhanced.tool(tool)]));
  }

  /** Returns the tools that a list shows to a client that searches: those for searching, and pinned ones. */
  listed(principal: Principal, selection: ToolSelection): CompiledTool[] {
    const pinned = this.catalog.current.tools.filter(({ pinned: isPinned }) => isPinned);
    return [
      ...[...this.#searching.values()].filter(({ access }) => access.decide(principal).outcome === 'allowed'),
      ...this.authorization.listed(principal, pinned, selection),
    ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Finds one of the tools for searching. */
  find(principal: Principal, { kind, name }: Target): AskedTool | undefined {
    const offer = kind === 'tool' ? this.#searching.get(name) : undefined;
    return offer && { kind: 'tool', name, offer, decision: offer.access.decide(principal) };
  }

  search(query: string, limit: number, request: RequestContext): readonly CompiledTool[] {
    const tools = this.#listable(request);
    const index = this.#updated()?.[[...tools.values()].some(isSecret) ? 'all' : 'open'];
    const names = index?.search(query, tools, limit) ?? [];
    return names.flatMap((name) => tools.get(name) ?? []);
  }

  #updated(): Indexes | undefined {
    if (this.#indexes && this.#isStale) update(this.#indexes, this.catalog.current.tools);
    this.#isStale = false;
    return this.#indexes;
  }

  named(names: readonly string[], request: RequestContext): readonly (ListedTool | undefined)[] {
    const tools = this.#listable(request);
    return names.map((name) => {
      const tool = tools.get(name);
      return tool && this.#entryOf(tool);
    });
  }

  /** Returns the tools that a full list would show, by name. */
  #listable({ principal, selection }: RequestContext): Map<string, CompiledTool> {
    const tools = this.authorization.listed(principal, this.catalog.current.tools, selection);
    return new Map(tools.map((tool) => [tool.name, tool]));
  }
}

const isSecret = ({ access }: CompiledTool): boolean => access.visibility === 'secret';

function update({ open, all }: Indexes, tools: readonly CompiledTool[]): void {
  open.update(tools.filter((tool) => !isSecret(tool)));
  all.update(tools.some(isSecret) ? tools : []);
}
