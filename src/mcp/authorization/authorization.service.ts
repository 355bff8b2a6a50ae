import { Injectable } from '@nestjs/common';
import type { Tool } from '@modelcontextprotocol/server';

import type { Decision } from '../../auth/access/access-rule.js';
import { InsufficientScopeError } from '../../auth/auth-errors.js';
import type { Principal } from '../../auth/principal.js';
import { CatalogService } from '../catalog/catalog.service.js';
import { ToolPolicyService } from '../policy/tool-policy.service.js';
import type { CompiledTool } from '../catalog/compiled-tool.js';

/** A tool as a caller sees it. */
export interface VisibleTool {
  readonly tool: CompiledTool;
  readonly decision: Decision;
}

const NOT_FOR_THE_ORGANIZATION: Decision = {
  outcome: 'forbidden',
  explanation: 'This tool is not available to your organisation. Whoever runs this server can change that.',
};

/** What each caller may see and call. Whatever asks for a tool on behalf of a caller asks here. */
@Injectable()
export class AuthorizationService {
  constructor(
    private readonly catalog: CatalogService,
    private readonly policy: ToolPolicyService,
  ) {}

  /** What `tools/list` shows the caller. */
  list(principal: Principal): Tool[] {
    return this.catalog.current.tools
      .filter((tool) => {
        const { outcome } = this.#decide(principal, tool);
        const mayStepUp = outcome === 'insufficient_scope' && tool.access.visibility === 'discoverable';
        return outcome === 'allowed' || mayStepUp;
      })
      .map(({ definition }) => definition);
  }

  /** The tool of that name; undefined where there is none, or none that the caller may know of. */
  find(principal: Principal, name: string): VisibleTool | undefined {
    const tool = this.catalog.current.find(name);
    if (!tool) return undefined;
    const decision = this.#decide(principal, tool);
    const isHidden = decision.outcome !== 'allowed' && tool.access.visibility === 'secret';
    return isHidden ? undefined : { tool, decision };
  }

  /**
   * Checks the scopes of several calls together, before any of them runs. What no new token would change is
   * left for the call itself to answer.
   *
   * @param names the tools that a request calls; unknown ones are no matter of authorization
   * @throws {InsufficientScopeError} naming all scopes that the calls need
   */
  requireScopes(principal: Principal, names: readonly string[]): void {
    const needed = names.flatMap((name) => {
      const found = this.find(principal, name);
      return !found || found.decision.outcome === 'forbidden' ? [] : found.tool.access.scopesFor(principal);
    });
    if (!principal.hasScopes(needed)) throw new InsufficientScopeError([...new Set(needed)]);
  }

  #decide(principal: Principal, tool: CompiledTool): Decision {
    const isAllowed = this.policy.allows(principal.organizationId, tool.definition.name);
    return isAllowed ? tool.access.decide(principal) : NOT_FOR_THE_ORGANIZATION;
  }
}
