import { type ContextId, ContextIdFactory, type HostComponentInfo, type ModuleRef } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Request } from 'express';

import type { Principal } from '../../auth/principal.js';
import type { IdentifiedRequest } from '../../logging/request-id.js';
import { organizationOf } from './caller.js';
import type { OrganizationContexts, OrganizationLease } from './organization-contexts.js';
import type { Work } from './work.js';

/** One HTTP request: its caller, and what all calls of a batch have in common. */
export class RequestContext {
  #contextId: ContextId | undefined;
  readonly #made = new Set<InstanceWrapper>();
  #lease: OrganizationLease | undefined;
  /** The request itself, and its calls that are still running. */
  #users = 1;
  #resultSize = 0;

  constructor(
    readonly principal: Principal,
    readonly request: Request & IdentifiedRequest,
    private readonly moduleRef: ModuleRef,
    private readonly organizations: OrganizationContexts,
    /** Counts the handlers that run for the request. */
    readonly work: Work,
  ) {}

  /**
   * Runs something with NestJS's context for the providers made for this request alone; the organisation's own stay
   * in use until it has really ended, even if nobody waits for it any more.
   *
   * @param made the providers that NestJS makes for it
   */
  async use<Outcome>(
    made: readonly InstanceWrapper[],
    run: (contextId: ContextId) => Promise<Outcome>,
  ): Promise<Outcome> {
    this.#users++;
    try {
      if (!this.#contextId) {
        this.#contextId = new RequestContextId(() => this.#enterOrganization());
        this.moduleRef.registerRequestByContextId(this.request, this.#contextId);
      }
      for (const provider of made) this.#made.add(provider);
      return await run(this.#contextId);
    } finally {
      this.#leave();
    }
  }

  /** The request is answered, or nobody wants the answer. Calls may still be running, or even begin. */
  end(): void {
    this.#leave();
  }

  /** How much of the limit the results of the request have left. */
  resultRoom(limit: number): number {
    return limit - this.#resultSize;
  }

  /** Counts a result in if all results of the request together stay within the limit. */
  admitResult(size: number, limit: number): boolean {
    if (this.#resultSize + size > limit) return false;
    this.#resultSize += size;
    return true;
  }

  #enterOrganization(): OrganizationLease {
    return (this.#lease = this.organizations.enter(organizationOf(this.principal).id));
  }

  /**
   * What begins after the last has left gets a context of its own. NestJS would hold what it made, and with it the
   * request, until all garbage is collected: short-lived objects would all become old ones. What is transient, few
   * as it is, stays for that.
   */
  #leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#lease?.leave();
    this.#lease = undefined;
    if (this.#contextId)
      for (const provider of this.#made) provider.removeInstanceByContextId(this.#contextId);
    this.#made.clear();
    this.#contextId = undefined;
  }
}

/** NestJS asks for the parent of each provider: what is durable lives in the organisation's context. */
class RequestContextId implements ContextId {
  readonly id = ContextIdFactory.create().id;
  readonly #enter: () => OrganizationLease;
  #lease: OrganizationLease | undefined;

  constructor(enter: () => OrganizationLease) {
    this.#enter = enter;
  }

  getParent({ isTreeDurable }: HostComponentInfo): ContextId {
    if (!isTreeDurable) return this;
    this.#lease ??= this.#enter();
    return this.#lease.contextId;
  }

  /** What something durable gets in place of the REQUEST. */
  get payload(): unknown {
    return this.#lease?.tenant;
  }
}
