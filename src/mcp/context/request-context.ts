import { type ContextId, ContextIdFactory, type HostComponentInfo, type ModuleRef } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Request } from 'express';

import type { Principal } from '../../auth/principal.js';
import type { DescribedRequest } from '../../logging/call-lines.js';
import type { IdentifiedRequest } from '../../logging/request-id.js';
import { organizationOf } from './caller.js';
import type { OrganizationContexts, OrganizationLease } from './organization-contexts.js';
import type { ToolSelection } from './tool-selection.js';
import type { Work } from './work.js';

/** HTTP request with its caller. All calls of a batch share it. */
export class RequestContext {
  #contextId: ContextId | undefined;
  #made: Set<InstanceWrapper> | undefined;
  #lease: OrganizationLease | undefined;
  /** Number of users: the request itself and its running calls. */
  #users = 1;
  #resultSize = 0;

  constructor(
    readonly principal: Principal,
    readonly request: Request & IdentifiedRequest & DescribedRequest,
    private readonly moduleRef: ModuleRef,
    private readonly organizations: OrganizationContexts,
    /** Tracks the running handlers of the request. */
    readonly work: Work,
    /** Tools that the client wants; undefined for all. */
    readonly selection?: ToolSelection,
  ) {}

  /**
   * Runs a function with the NestJS context of this request. The organization's providers stay in use until the function
   * settles, even if nobody waits for it any more.
   *
   * @param made providers that NestJS creates for the function
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
      this.#made ??= new Set();
      for (const provider of made) this.#made.add(provider);
      return await run(this.#contextId);
    } finally {
      this.#leave();
    }
  }

  /** Marks the request as answered or abandoned. Calls may still be running, and new ones may start. */
  end(): void {
    this.#leave();
  }

  /** Returns the rest of the limit for further results of the request. */
  resultRoom(limit: number): number {
    return limit - this.#resultSize;
  }

  /** Counts a result. Returns false, without counting it, if all results of the request would exceed the limit. */
  admitResult(size: number, limit: number): boolean {
    if (this.#resultSize + size > limit) return false;
    this.#resultSize += size;
    return true;
  }

  #enterOrganization(): OrganizationLease {
    return (this.#lease = this.organizations.enter(organizationOf(this.principal).id));
  }

  /**
   * Removes the instances when the last user leaves; a call that starts later gets a new context. Otherwise NestJS would
   * keep the instances and the request until the next full garbage collection, and short-lived objects would be promoted
   * to the old generation. The few transient instances stay until then.
   */
  #leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#lease?.leave();
    this.#lease = undefined;
    if (!this.#contextId) return;
    for (const provider of this.#made ?? []) provider.removeInstanceByContextId(this.#contextId);
    this.#made = undefined;
    this.#contextId = undefined;
  }
}

/** Context id of a request. NestJS asks for the parent of each provider; durable ones live in the organization's context. */
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

  /** Value that a durable provider receives instead of REQUEST. */
  get payload(): unknown {
    return this.#lease?.tenant;
  }
}
