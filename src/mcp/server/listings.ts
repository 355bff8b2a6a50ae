import { Inject, Injectable } from '@nestjs/common';
import type { Prompt, Resource, ResourceTemplateType, Tool } from '@modelcontextprotocol/server';

import { LRUCache } from 'lru-cache';

import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { Offer } from '../catalog/offer.js';
import type { RequestContext } from '../context/request-context.js';
import type { CallOrigin } from '../invocation/call.js';
import { Resources } from '../invocation/resources.service.js';
import { ToolPolicyService } from '../policy/tool-policy.service.js';
import { ToolSearch } from '../search/tool-search.service.js';
import { pageOf } from './list-page.js';
import { type ListedTool, listingOf } from '../catalog/listed-tool.js';
import { lasting } from '../../values/known-text.js';

/** Maximum number of different tool lists in the cache. */
const MAX_LISTS = 100;

/** Maximum number of lists of groups that clients have named. Clients can name very many combinations. */
const MAX_LISTS_OF_GROUPS = 20;

/** Request for a list: who sends it, and which tools its client wants. */
type Lister = Pick<RequestContext, 'principal' | 'selection'>;

/** Tools that some callers see. */
interface ToolList {
  readonly tools: readonly ListedTool[];
  readonly definitions: Tool[];
  /** For the legacy era. */
  readonly legacyDefinitions: Tool[];
}

// The lists are not frozen: the SDK searches them with `some`, for which V8 takes 80 ns per element of a frozen list.
const toolListOf = (tools: readonly ListedTool[]): ToolList => {
  const definitions = lasting(tools.map(({ definition }) => definition));
  const isSame = tools.every(({ definition, legacyDefinition }) => definition === legacyDefinition);
  return {
    tools,
    definitions,
    legacyDefinitions: isSame ? definitions : lasting(tools.map(({ legacyDefinition }) => legacyDefinition)),
  };
};

/** Lists the tools, resources and prompts that a caller may know of, page by page. */
@Injectable()
export class Listings {
  /**
   * Tool lists by caller, until the catalog or the policy changes. The references are weak, and `#toolLists` keeps the
   * lists: there may be many more callers than different lists.
   */
  #toolsOf = new WeakMap<Principal, WeakRef<ToolList>>();
  #toolLists = new LRUCache<string, ToolList>({ max: MAX_LISTS });
  /** Lists of groups that clients have named. They do not displace the lists of others. */
  #listsOfGroups = new LRUCache<string, ToolList>({ max: MAX_LISTS_OF_GROUPS });
  readonly #listed: ReturnType<typeof listingOf>;

  constructor(
    private readonly catalog: CatalogService,
    private readonly authorization: AuthorizationService,
    private readonly reading: Resources,
    private readonly search: ToolSearch,
    policy: ToolPolicyService,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.#listed = listingOf(configuration);
    const forget = (): void => {
      this.#toolsOf = new WeakMap();
      this.#toolLists.clear();
      this.#listsOfGroups.clear();
    };
    catalog.onChange(forget);
    policy.onChange(forget);
    policy.onRefusal(forget);
  }

  /** @param isLegacy whether the request belongs to the legacy era */
  tools(request: Lister, isLegacy: boolean, cursor?: string): { tools: Tool[]; nextCursor?: string } {
    const { tools, definitions, legacyDefinitions } = this.#toolsFor(request);
    const { items, nextCursor } = pageOf(tools, ({ name }) => name, cursor);
    if (items.length === tools.length) return { tools: isLegacy ? legacyDefinitions : definitions };
    return {
      tools: items.map(({ definition, legacyDefinition }) => (isLegacy ? legacyDefinition : definition)),
      ...(nextCursor !== undefined && { nextCursor }),
    };
  }

  /** Lists the fixed resources, and the resources of templates. */
  async resources(
    origin: CallOrigin,
    cursor?: string,
  ): Promise<{ resources: Resource[]; nextCursor?: string }> {
    const { resources, templates } = this.catalog.current;
    const { principal } = origin.request;
    const fixed = this.authorization.listed(principal, resources).map(({ definition }) => definition);
    const readable = templates.filter(({ access }) => access.decide(principal).outcome === 'allowed');
    const listed = await Promise.all(readable.map((template) => this.reading.listOf(template, origin)));
    const all = [...fixed, ...listed.flat()].toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
    const { items, ...next } = pageOf(all, ({ uri }) => uri, cursor);
    return { resources: items, ...next };
  }

  templates(
    request: RequestContext,
    cursor?: string,
  ): { resourceTemplates: ResourceTemplateType[]; nextCursor?: string } {
    const { items, ...next } = this.#page(request, this.catalog.current.templates, cursor);
    return { resourceTemplates: items.map(({ definition }) => definition), ...next };
  }

  prompts(request: RequestContext, cursor?: string): { prompts: Prompt[]; nextCursor?: string } {
    const { items, ...next } = this.#page(request, this.catalog.current.prompts, cursor);
    return { prompts: items.map(({ definition }) => definition), ...next };
  }

  /** Returns the tool list of a request. Requests with the same tools share a list. */
  #toolsFor({ principal, selection }: Lister): ToolList {
    const mayKeep = !selection && !this.catalog.current.hasConditionalTools;
    const known = mayKeep ? this.#toolsOf.get(principal)?.deref() : undefined;
    if (known) return known;
    const tools = selection?.isSearching
      ? this.search.listed(principal, selection)
      : this.authorization.listed(principal, this.catalog.current.tools, selection);
    const key = tools.map(({ name }) => name).join(' ');
    const lists = selection?.groups ? this.#listsOfGroups : this.#toolLists;
    const list = lists.get(key) ?? toolListOf(tools.map(this.#listed));
    lists.set(key, list);
    if (mayKeep) this.#toolsOf.set(principal, new WeakRef(list));
    return list;
  }

  #page<Offered extends Offer>(
    { principal }: RequestContext,
    offers: readonly Offered[],
    cursor: string | undefined,
  ): { items: Offered[]; nextCursor?: string } {
    return pageOf(this.authorization.listed(principal, offers), ({ name }) => name, cursor);
  }
}
