import { ConfigurationError } from '../../config/configuration-error.js';
import { didYouMean } from '../../values/closest-name.js';
import { NO_OFFERS, type Offers } from './catalog.js';
import type { CompiledTool } from './compiled-tool.js';

/** Groups whose tools an endpoint offers; undefined for all tools. */
export type ChosenGroups = ReadonlySet<string> | undefined;

/** Offers of an endpoint, and the tools that `TOOL_GROUPS` leaves out. */
interface Choice {
  readonly offers: Offers;
  readonly leftOut: readonly CompiledTool[];
}

/**
 * Leaves out the tools of other groups.
 *
 * @param isLent whether the offers belong to the default endpoint, which lends tools of the chosen groups and nothing else
 */
export function chosenBy(groups: ChosenGroups, all: Offers, isLent = false): Choice {
  if (!groups) return { offers: all, leftOut: [] };
  const tools = all.tools.filter((tool) => isChosen(groups, tool));
  return {
    offers: { ...(isLent ? NO_OFFERS : all), tools },
    leftOut: all.tools.filter((tool) => !isChosen(groups, tool)),
  };
}

/** Whether the groups contain a tool. */
export const isChosen = (groups: ChosenGroups, { group }: { readonly group?: string | undefined }): boolean =>
  !groups || (group !== undefined && groups.has(group));

/**
 * @param known groups of all declared tools
 * @throws {ConfigurationError} when `TOOL_GROUPS` names a group without tools, so that a typing error hides nothing
 */
export function requireGroups(groups: ChosenGroups, known: ReadonlySet<string>): void {
  const unknown = [...(groups ?? [])].filter((group) => !known.has(group));
  if (unknown.length === 0) return;
  throw new ConfigurationError(
    unknown.map((group) => ({
      variable: 'TOOL_GROUPS',
      problem: `no tool is in the group "${group}".${didYouMean(group, known)}`,
      remedy:
        known.size === 0
          ? "Give tools a group, such as group: 'billing' in @McpTool()."
          : `Use some of ${[...known].toSorted().join(', ')}.`,
    })),
  );
}
