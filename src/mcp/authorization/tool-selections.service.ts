import type { IncomingHttpHeaders } from 'node:http';

import { Inject, Injectable } from '@nestjs/common';

import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { didYouMean } from '../../values/closest-name.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { ToolSelection } from '../context/tool-selection.js';
import { AuthorizationService } from './authorization.service.js';
import { GROUPS_HEADER, InvalidSelectionError, namedGroups, wantsSearch } from './named-groups.js';

/** Selection of most clients that search. */
const SEARCHING: ToolSelection = { groups: undefined, isSearching: true };

/** Maximum number of groups that an error names. */
const MAX_NAMED_GROUPS = 50;

/** Reads which tools the client of a request wants. A selection only narrows what its caller may see and use. */
@Injectable()
export class ToolSelections {
  readonly #search: Configuration['tools']['search'];

  constructor(
    private readonly catalog: CatalogService,
    private readonly authorization: AuthorizationService,
    @Inject(CONFIGURATION) { tools }: Configuration,
  ) {
    this.#search = tools.search;
  }

  /**
   * Returns the selection of a request; undefined if its client wants all tools, as most do.
   *
   * @throws {InvalidSelectionError} for an invalid header, or for a group that does not exist or is hidden from the
   *   caller
   */
  of(principal: Principal, headers: IncomingHttpHeaders): ToolSelection | undefined {
    const groups = namedGroups(headers);
    const isSearching = this.#search !== 'off' && (wantsSearch(headers) ?? this.#search === 'always');
    if (!groups) return isSearching ? SEARCHING : undefined;
    this.#requireKnown(principal, groups);
    return { groups, isSearching };
  }

  #requireKnown(principal: Principal, groups: ReadonlySet<string>): void {
    for (const group of groups) {
      if (this.#mayKnow(principal, group)) continue;
      const listed = this.catalog.current.groups.filter((other) => this.#isListed(principal, other));
      throw new InvalidSelectionError(
        `Unknown tool group "${group}" in the header ${GROUPS_HEADER}.${didYouMean(group, listed)} ` +
          (listed.length === 0 ? 'There are no groups: omit the header.' : `Use some of ${listOf(listed)}.`),
      );
    }
  }

  /** Whether the caller may know of a tool in the group. */
  #mayKnow(principal: Principal, group: string): boolean {
    return this.catalog.current.toolsIn(group).some((tool) => this.authorization.mayKnow(principal, tool));
  }

  /** Whether the list of the caller has a tool of the group. The names of other groups may tell about other customers. */
  #isListed(principal: Principal, group: string): boolean {
    return this.authorization.listed(principal, this.catalog.current.toolsIn(group)).length > 0;
  }
}

function listOf(names: readonly string[]): string {
  const others = names.length - MAX_NAMED_GROUPS;
  return names.slice(0, MAX_NAMED_GROUPS).join(', ') + (others > 0 ? ` and ${others} more` : '');
}
