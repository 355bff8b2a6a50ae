import { NOTHING } from '../../auth/access/requirement.js';
import type { CompiledTool } from './compiled-tool.js';
import type { Offer } from './offer.js';

/**
 * Returns the scopes that a first sign-in requests (MCP specification, scope minimization).
 *
 * These are the scopes of read-only tools, except scopes that any elevated offer, or any offer with roles or `allow`,
 * also needs.
 *
 * @param offers all offers, including the tools
 */
export function basicScopesOf(tools: readonly CompiledTool[], offers: readonly Offer[]): string[] {
  const elevated = new Set(offers.filter(isElevated).flatMap(({ access }) => access.scopes.flat()));
  const basic = tools
    .filter(
      ({ definition, access }) => definition.annotations?.readOnlyHint && access.visibility !== 'secret',
    )
    .flatMap(({ access }) => access.scopes[0] ?? [])
    .filter((scope) => !elevated.has(scope));
  return [...new Set(basic)].toSorted();
}

const isElevated = ({ elevated, access }: Offer): boolean =>
  elevated || access.roles !== NOTHING || access.isConditional;
