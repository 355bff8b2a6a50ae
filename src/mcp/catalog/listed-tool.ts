import type { Tool } from '@modelcontextprotocol/server';

import type { Configuration } from '../../config/configuration.js';
import { deepFreeze } from '../../values/deep-freeze.js';
import type { CompiledTool } from './compiled-tool.js';

/** Entry of a tool in the lists of both eras. */
export type ListedTool = Pick<CompiledTool, 'name' | 'definition' | 'legacyDefinition'>;

/**
 * Returns how tools are listed. With `INSUFFICIENT_SCOPE_AS=result`, each entry names its scopes as `securitySchemes`:
 * ChatGPT offers a sign-in for more scopes only if the entry has them and the result has a challenge. Other clients
 * ignore them, so that they are left out otherwise.
 */
export const listingOf = ({
  insufficientScopeAs,
  resource,
}: Configuration): ((tool: CompiledTool) => ListedTool) =>
  insufficientScopeAs === 'result' && resource.authorizationServerMetadataUrl !== undefined
    ? withSecuritySchemes
    : (tool) => tool;

/** Adds the scopes to an entry, and to its `_meta`, where ChatGPT looks too. */
function withSecuritySchemes({ name, access, definition, legacyDefinition }: CompiledTool): ListedTool {
  const securitySchemes = access.scopes.map((scopes) => ({ type: 'oauth2', scopes: [...scopes] }));
  const added = (entry: Readonly<Tool>): Readonly<Tool> =>
    deepFreeze({ ...entry, securitySchemes, _meta: { securitySchemes, ...entry._meta } });
  const modern = added(definition);
  return {
    name,
    definition: modern,
    legacyDefinition: definition === legacyDefinition ? modern : added(legacyDefinition),
  };
}
