import type { IncomingHttpHeaders } from 'node:http';

import { Injectable } from '@nestjs/common';

import type { Decision } from '../../auth/access/access-rule.js';
import { InsufficientScopeError } from '../../auth/auth-errors.js';
import type { Principal } from '../../auth/principal.js';
import type { Targets } from '../../logging/refused-response.js';
import type { NamedResource } from '../catalog/catalog.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { CompiledPrompt } from '../catalog/compiled-prompt.js';
import type { CompiledTemplate } from '../catalog/compiled-resource.js';
import type { CompiledTool } from '../catalog/compiled-tool.js';
import { keptScopes } from './kept-scopes.js';
import { ToolPolicyService } from '../policy/tool-policy.service.js';
import type { Offer } from '../catalog/offer.js';
import type { Target } from '../wire/messages.js';

/** Offer that a caller may see, with the access decision for this caller. */
export interface Visible<Offered extends Offer = Offer> {
  readonly offer: Offered;
  readonly decision: Decision;
}

/** Any offer that a message may request. */
export type Asked = Visible<CompiledTool | CompiledPrompt | NamedResource['resource'] | CompiledTemplate>;

const NOT_FOR_THE_ORGANIZATION: Decision = {
  outcome: 'forbidden',
  explanation: 'This tool is not available to your organization. Ask the operator of this server for access.',
};

/** Decides what each caller may see and use. Every lookup on behalf of a caller goes through this service. */
@Injectable()
export class AuthorizationService {
  constructor(
    private readonly catalog: CatalogService,
    private readonly policy: ToolPolicyService,
  ) {}

  /** Filters the offers that a list shows to the caller. */
  listed<Offered extends Offer>(principal: Principal, offers: readonly Offered[]): Offered[] {
    return offers.filter((offer) => {
      const { outcome } = this.#decide(principal, offer);
      const mayStepUp = outcome === 'insufficient_scope' && offer.access.visibility === 'discoverable';
      return outcome === 'allowed' || mayStepUp;
    });
  }

  /** Finds a tool by name. Returns undefined if it does not exist or is hidden from the caller. */
  findTool(principal: Principal, name: string): Visible<CompiledTool> | undefined {
    return this.#visible(principal, this.catalog.current.findTool(name));
  }

  findPrompt(principal: Principal, name: string): Visible<CompiledPrompt> | undefined {
    return this.#visible(principal, this.catalog.current.findPrompt(name));
  }

  findTemplate(principal: Principal, uriTemplate: string): Visible<CompiledTemplate> | undefined {
    return this.#visible(principal, this.catalog.current.findTemplate(uriTemplate));
  }

  /** Finds the first resource or template that matches a URI and that the caller may see. */
  findResource(
    principal: Principal,
    uri: string,
  ): (Visible<NamedResource['resource']> & Pick<NamedResource, 'variables'>) | undefined {
    for (const { resource, variables } of this.catalog.current.resourcesAt(uri)) {
      const visible = this.#visible(principal, resource);
      if (visible) return { ...visible, variables };
    }
    return undefined;
  }

  /** Whether the caller may read the resource at a URI. */
  mayRead(principal: Principal, uri: string): boolean {
    return this.findResource(principal, uri)?.decision.outcome === 'allowed';
  }

  /**
   * Checks the scopes for all messages of a request before any of them is served. Denials that a new token would not
   * change are left to the call itself.
   *
   * @param asked requested offers; undefined for messages without authorization
   * @param headers request headers; the protocol revision determines the scopes in the challenge
   * @throws {InsufficientScopeError} with all required scopes
   */
  requireScopes(
    principal: Principal,
    asked: readonly (Visible | undefined)[],
    headers: IncomingHttpHeaders,
  ): void {
    if (asked.every((visible) => visible?.decision.outcome !== 'insufficient_scope')) return;
    const needed = asked.flatMap((visible) =>
      !visible || visible.decision.outcome === 'forbidden' ? [] : visible.offer.access.scopesFor(principal),
    );
    throw new InsufficientScopeError([...new Set(needed)], keptScopes(principal, headers));
  }

  /** Finds the offer that a message requests, if the caller may see it. */
  find(principal: Principal, { kind, name }: Target): Asked | undefined {
    switch (kind) {
      case 'tool':
        return this.findTool(principal, name);
      case 'prompt':
        return this.findPrompt(principal, name);
      case 'resource':
        return this.findResource(principal, name);
      case 'template':
        return this.findTemplate(principal, name);
      default:
        return kind satisfies never;
    }
  }

  #visible<Offered extends Offer>(
    principal: Principal,
    offer: Offered | undefined,
  ): Visible<Offered> | undefined {
    if (!offer) return undefined;
    const decision = this.#decide(principal, offer);
    const isHidden = decision.outcome !== 'allowed' && offer.access.visibility === 'secret';
    return isHidden ? undefined : { offer, decision };
  }

  #decide(principal: Principal, offer: Offer): Decision {
    const isAllowed = offer.kind !== 'tool' || this.policy.allows(principal.organizationId, offer.name);
    return isAllowed ? offer.access.decide(principal) : NOT_FOR_THE_ORGANIZATION;
  }
}

/** Returns the names of the requested offers, for the log. */
export function namesOf(asked: readonly (Visible | undefined)[]): Targets {
  const named = (kind: Offer['kind']): string | undefined => {
    const offers = asked.flatMap((visible) => (visible?.offer.kind === kind ? [visible.offer.name] : []));
    return [...new Set(offers)].join(',') || undefined;
  };
  return { tool: named('tool'), resource: named('resource'), prompt: named('prompt') };
}
