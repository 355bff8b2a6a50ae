import { type ContextId, ContextIdFactory, type ModuleRef } from '@nestjs/core';
import type { Request } from 'express';

import type { Principal } from '../../auth/principal.js';
import type { IdentifiedRequest } from '../../logging/request-id.js';
import { organizationOf } from './caller.js';
import type { OrganizationContexts, OrganizationLease } from './organization-contexts.js';

/** One HTTP request: its caller, and what all calls of a batch have in common. */
export class RequestContext {
  #contextId: ContextId | undefined;
  #lease: OrganizationLease | undefined;
  /** The request itself, and its calls that are still running. */
  #users = 1;
  #resultSize = 0;

  constructor(
    readonly principal: Principal,
    readonly request: Request & IdentifiedRequest,
    private readonly moduleRef: ModuleRef,
    private readonly organizations: OrganizationContexts,
  ) {}

  /**
   * Runs something with NestJS's context for the providers made for this request alone; the organisation's own stay
   * in use until it has really ended, even if nobody waits for it any more.
   */
  async use<Outcome>(run: (contextId: ContextId) => Promise<Outcome>): Promise<Outcome> {
    this.#users++;
    try {
      return await run((this.#contextId ??= this.#createContextId()));
    } finally {
      this.#leave();
    }
  }

  /** The request is answered, or nobody wants the answer. Calls may still be running, or even begin. */
  end(): void {
    this.#leave();
  }

  /** Counts a result in if all results of the request together stay within the limit. */
  admitResult(size: number, limit: number): boolean {
    if (this.#resultSize + size > limit) return false;
    this.#resultSize += size;
    return true;
  }

  /** NestJS asks for the parent of each provider: what is durable lives in the organisation's context. */
  #createContextId(): ContextId {
    let lease: OrganizationLease | undefined;
    const contextId: ContextId = {
      ...ContextIdFactory.create(),
      getParent: ({ isTreeDurable }) => {
        if (!isTreeDurable) return contextId;
        lease ??= this.#lease = this.organizations.enter(organizationOf(this.principal).id);
        return lease.contextId;
      },
      /** What something durable gets in place of the REQUEST. */
      get payload() {
        return lease?.tenant;
      },
    };
    this.moduleRef.registerRequestByContextId(this.request, contextId);
    return contextId;
  }

  /** What begins after the last has left gets a context of its own. */
  #leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#lease?.leave();
    this.#lease = undefined;
    this.#contextId = undefined;
  }
}
