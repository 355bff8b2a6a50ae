import type { IncomingHttpHeaders } from 'node:http';

import { GROUP_NAME } from '../catalog/tool-groups.js';

/** Header with the groups whose tools a client wants, separated by commas. */
export const GROUPS_HEADER = 'Aerie-Tool-Groups';

/** Maximum number of groups in the header. */
const MAX_GROUPS = 32;

/** Thrown for a header that selects tools in a wrong way. */
export class InvalidSelectionError extends Error {
  override readonly name = 'InvalidSelectionError';
}

/**
 * Returns the groups that a request names; undefined if it names none.
 *
 * @throws {InvalidSelectionError} for names that no group can have, or for too many names
 */
export function namedGroups({ 'aerie-tool-groups': header }: IncomingHttpHeaders): Set<string> | undefined {
  if (header === undefined) return undefined;
  const parts = String(header).split(',', MAX_GROUPS + 1);
  if (parts.length > MAX_GROUPS) {
    throw new InvalidSelectionError(`The header ${GROUPS_HEADER} may name at most ${MAX_GROUPS} groups.`);
  }
  const names = parts.map((part) => part.trim()).filter((name) => name !== '');
  if (!names.every((name) => GROUP_NAME.test(name))) {
    throw new InvalidSelectionError(
      `The header ${GROUPS_HEADER} must list names of groups, separated by commas, such as billing,crm.`,
    );
  }
  return names.length === 0 ? undefined : new Set(names);
}

/** Header with which a client turns the search of tools on or off. */
const SEARCH_HEADER = 'Aerie-Tool-Search';

/**
 * Returns whether a request wants to search tools; undefined if it does not say.
 *
 * @throws {InvalidSelectionError} for another value than `on` and `off`
 */
export function wantsSearch({ 'aerie-tool-search': header }: IncomingHttpHeaders): boolean | undefined {
  if (header === undefined || header === '') return undefined;
  if (header === 'on' || header === 'off') return header === 'on';
  throw new InvalidSelectionError(`The header ${SEARCH_HEADER} must be on or off.`);
}
