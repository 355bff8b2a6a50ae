import { NOTHING } from '../../auth/access/requirement.js';
import type { CompiledTool } from './compiled-tool.js';
import type { Offer } from './offer.js';

/**
 * The scopes that a first sign-in asks for (MCP specification, scope minimization): those that read-only tools need,
 * without any that a tool for some people only needs, be it by a role or because it is declared to be elevated.
 *
 * @param offers everything, the tools included
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

const isElevated = ({ elevated, access }: Offer): boolean => elevated || access.roles !== NOTHING;
