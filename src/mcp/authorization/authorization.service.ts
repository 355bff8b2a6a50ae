import type { IncomingHttpHeaders } from 'node:http';

import { Injectable } from '@nestjs/common';

import type { Decision } from '../../auth/access/access-rule.js';
import { InsufficientScopeError } from '../../auth/auth-errors.js';
import type { Principal } from '../../auth/principal.js';
import type { Targets } from '../../logging/refused-response.js';
import type { NamedResource } from '../catalog/catalog.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { CompiledPrompt } from '../catalog/compiled-prompt.js';
import { type CompiledTemplate, isTemplate } from '../catalog/compiled-resource.js';
import { type CompiledTool, isTool } from '../catalog/compiled-tool.js';
import type { ToolSelection } from '../context/tool-selection.js';
import { keptScopes } from './kept-scopes.js';
import { ToolPolicyService } from '../policy/tool-policy.service.js';
import type { Offer } from '../catalog/offer.js';
import type { Target } from '../wire/messages.js';

/** Offer that a message requests and its sender may know of, with the access decision for the sender. */
export type Asked = AskedTool | AskedPrompt | AskedResource | AskedTemplate;

/** Members of each kind. `name` is the name or URI in the message. */
interface Requested<Kind extends Target['kind'], Offered extends Offer> {
  readonly kind: Kind;
  readonly name: string;
  readonly offer: Offered;
  readonly decision: Decision;
}

export type AskedTool = Requested<'tool', CompiledTool>;
export type AskedPrompt = Requested<'prompt', CompiledPrompt>;
export type AskedTemplate = Requested<'template', CompiledTemplate>;
export type AskedResource = Requested<'resource', NamedResource['resource']> &
  Pick<NamedResource, 'variables'>;

/** Message that may request an offer. */
interface Asking {
  readonly asked: Asked | undefined;
}

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
  listed<Offered extends Offer>(
    principal: Principal,
    offers: readonly Offered[],
    selection?: ToolSelection,
  ): Offered[] {
    return offers.filter((offer) => {
      if (selection && !isSelected(offer, selection)) return false;
      const { outcome } = this.#decide(principal, offer);
      const mayStepUp = outcome === 'insufficient_scope' && offer.access.visibility === 'discoverable';
      return outcome === 'allowed' || mayStepUp;
    });
  }

  /** Whether the caller may know that an offer exists. */
  mayKnow(principal: Principal, offer: Offer): boolean {
    return this.#visible(principal, offer) !== undefined;
  }

  /**
   * Finds the offer that a message requests. Returns undefined if it does not exist or is hidden from the caller.
   *
   * @param selection tools that the client wants; others do not exist for it
   */
  find(principal: Principal, { kind, name }: Target, selection?: ToolSelection): Asked | undefined {
    const { current } = this.catalog;
    switch (kind) {
      case 'tool': {
        const tool = current.findTool(name);
        const offer = tool && selection && !isSelected(tool, selection) ? undefined : tool;
        const decision = this.#visible(principal, offer);
        return offer && decision && { kind, name, offer, decision };
      }
      case 'prompt': {
        const offer = current.findPrompt(name);
        const decision = this.#visible(principal, offer);
        return offer && decision && { kind, name, offer, decision };
      }
      case 'template': {
        const offer = current.findTemplate(name);
        const decision = this.#visible(principal, offer);
        return offer && decision && { kind, name, offer, decision };
      }
      case 'resource':
        return this.#findResource(principal, name);
      default:
        return kind satisfies never;
    }
  }

  /** Finds the offer that a name belongs to, even if it is hidden from every caller. Only for the log and the audit trail. */
  offerAt({ kind, name }: Target): Offer | undefined {
    const { current } = this.catalog;
    switch (kind) {
      case 'tool':
        return current.findTool(name);
      case 'prompt':
        return current.findPrompt(name);
      case 'template':
        return current.findTemplate(name);
      case 'resource': {
        const [first] = current.resourcesAt(name);
        return first?.resource;
      }
      default:
        return kind satisfies never;
    }
  }

  /** Whether the caller may read the resource at a URI. */
  mayRead(principal: Principal, uri: string): boolean {
    return this.#findResource(principal, uri)?.decision.outcome === 'allowed';
  }

  /**
   * Checks the scopes for all messages of a request before any of them is served. Denials that a new token would not
   * change are left to the call itself.
   *
   * @param messages messages with the offers that they request
   * @param headers request headers; the protocol revision determines the scopes in the challenge
   * @throws {InsufficientScopeError} with all required scopes
   */
  requireScopes(principal: Principal, messages: readonly Asking[], headers: IncomingHttpHeaders): void {
    if (messages.every(({ asked }) => asked?.decision.outcome !== 'insufficient_scope')) return;
    const needed = messages.flatMap(({ asked }) =>
      !asked || asked.decision.outcome === 'forbidden' ? [] : asked.offer.access.scopesFor(principal),
    );
    throw new InsufficientScopeError([...new Set(needed)], keptScopes(principal, headers));
  }

  /**
   * Finds the first resource or template that matches a URI and that the caller may see. A template that `allow` denies,
   * such as one of another organization, is the result only if there is no other.
   */
  #findResource(principal: Principal, uri: string): AskedResource | undefined {
    let denied: AskedResource | undefined;
    for (const { resource, variables } of this.catalog.current.resourcesAt(uri)) {
      const decision = this.#visible(principal, resource);
      if (!decision) continue;
      const asked: AskedResource = { kind: 'resource', name: uri, offer: resource, decision, variables };
      const isDenied = decision.outcome === 'forbidden' && isTemplate(resource);
      if (!isDenied || resource.access.mayBeKnownTo(principal)) return asked;
      denied ??= asked;
    }
    return denied;
  }

  /** Decides about an offer. Returns undefined if the offer is hidden from the caller. */
  #visible(principal: Principal, offer: Offer | undefined): Decision | undefined {
    if (!offer) return undefined;
    const decision = this.#decide(principal, offer);
    return decision.outcome !== 'allowed' && offer.access.visibility === 'secret' ? undefined : decision;
  }

  #decide(principal: Principal, offer: Offer): Decision {
    const isAllowed = !isTool(offer) || this.policy.allows(principal.organizationId, offer);
    return isAllowed ? offer.access.decide(principal) : NOT_FOR_THE_ORGANIZATION;
  }
}

const isSelected = (offer: Offer, { groups }: ToolSelection): boolean =>
  !groups || !isTool(offer) || (offer.group !== undefined && groups.has(offer.group));

/** Returns the names of the requested offers, for the log. */
export const namesOf = (messages: readonly Asking[]): Targets =>
  offerNames(messages.flatMap(({ asked }) => asked?.offer ?? []));

/** Returns the names of offers, for the log. */
export function offerNames(offers: readonly Offer[]): Targets {
  const named = (kind: Offer['kind']): string | undefined => {
    const names = offers.filter((offer) => offer.kind === kind).map(({ name }) => name);
    return [...new Set(names)].join(',') || undefined;
  };
  return { tool: named('tool'), resource: named('resource'), prompt: named('prompt') };
}
