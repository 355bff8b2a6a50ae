import type { Configuration } from '../../config/configuration.js';

/** Names of the tools with which clients search other tools. */
export const SEARCH_TOOL_NAMES = {
  search: 'search_tools',
  describe: 'describe_tools',
  call: 'call_tool',
} as const;

/** Describes the names that no declared tool may have, and who has them. */
export const reservedNames = (search: Configuration['tools']['search']): ReadonlyMap<string, string> =>
  new Map(
    search === 'off'
      ? []
      : Object.values(SEARCH_TOOL_NAMES).map((name) => [`tool name "${name}"`, 'TOOL_SEARCH']),
  );
