import { type ContextId, ContextIdFactory } from '@nestjs/core';

import { settledWithin } from '../../values/within.js';
import { type Release, Tenant } from './tenant.js';

/** Lease on an organization's instances. */
export interface OrganizationLease {
  readonly tenant: Tenant;
  /** Context id under which NestJS keeps the organization's instances while the id is referenced. */
  readonly contextId: ContextId;
  /** Ends the lease. Further calls have no effect. */
  readonly leave: () => void;
}

interface OrganizationContext {
  readonly tenant: Tenant;
  readonly contextId: ContextId;
  readonly releases: Release[];
  uses: number;
}

/**
 * Keeps a NestJS context for each organization whose callers recently used a durable provider.
 *
 * Evicts only idle contexts, least recently used first. If more than `limit` contexts are in use at once, all of them
 * are kept until they become idle.
 */
export class OrganizationContexts {
  readonly #contexts = new Map<string, OrganizationContext>();
  /** Idle contexts, least recently used first. */
  readonly #idle = new Map<string, OrganizationContext>();
  readonly #releasing = new Set<Promise<void>>();
  #limit: number;
  #onLeft: () => void = () => {};

  /**
   * @param limit maximum number of contexts
   * @param onFailure called when a release function fails
   */
  constructor(
    limit: number,
    private readonly onFailure: (error: unknown, organizationId: string) => void,
  ) {
    this.#limit = limit;
  }

  /** Number of contexts in use. */
  get inUse(): number {
    return this.#contexts.size - this.#idle.size;
  }

  enter(organizationId: string): OrganizationLease {
    const context = this.#contexts.get(organizationId) ?? this.#add(organizationId);
    context.uses++;
    this.#idle.delete(organizationId);
    this.#shrink();
    let left = false;
    return {
      tenant: context.tenant,
      contextId: context.contextId,
      leave: () => {
        if (left) return;
        left = true;
        this.#leave(context);
      },
    };
  }

  /**
   * Releases all contexts when they become idle.
   *
   * @param patience maximum time to wait in milliseconds; contexts still in use are then released anyway
   */
  async close(patience: number): Promise<void> {
    this.#limit = 0;
    this.#shrink();
    if (this.inUse > 0) {
      const left = new Promise<void>((resolve) => {
        this.#onLeft = () => this.inUse === 0 && resolve();
      });
      await settledWithin(patience, left);
    }
    this.#contexts.forEach((context) => this.#letGo(context));
    await Promise.all(this.#releasing);
  }

  #add(organizationId: string): OrganizationContext {
    const releases: Release[] = [];
    const context: OrganizationContext = {
      tenant: new Tenant(organizationId, (release) => {
        releases.push(release);
        // The context has been released already, so a late release function must run now.
        if (this.#contexts.get(organizationId) !== context) this.#release(context);
      }),
      contextId: ContextIdFactory.create(),
      releases,
      uses: 0,
    };
    this.#contexts.set(organizationId, context);
    return context;
  }

  #leave(context: OrganizationContext): void {
    const { organizationId } = context.tenant;
    context.uses--;
    if (context.uses > 0 || this.#contexts.get(organizationId) !== context) return;
    this.#idle.set(organizationId, context);
    this.#shrink();
    this.#onLeft();
  }

  #shrink(): void {
    for (const context of this.#idle.values()) {
      if (this.#contexts.size <= this.#limit) return;
      this.#letGo(context);
    }
  }

  #letGo(context: OrganizationContext): void {
    const { organizationId } = context.tenant;
    this.#contexts.delete(organizationId);
    this.#idle.delete(organizationId);
    this.#release(context);
  }

  #release(context: OrganizationContext): void {
    const releasing = this.#releaseAll(context).finally(() => this.#releasing.delete(releasing));
    this.#releasing.add(releasing);
  }

  async #releaseAll({ tenant, releases }: OrganizationContext): Promise<void> {
    for (let release = releases.pop(); release; release = releases.pop()) {
      try {
        await release();
      } catch (error) {
        this.onFailure(error, tenant.organizationId);
      }
    }
  }
}
