import { type ContextId, ContextIdFactory } from '@nestjs/core';

import { type Release, Tenant } from './tenant.js';

/** The right to use an organisation's instances for a while. */
export interface OrganizationLease {
  readonly tenant: Tenant;
  /** NestJS keeps the organisation's instances under it, for as long as somebody holds it. */
  readonly contextId: ContextId;
  /** Ends the use; only the first time counts. */
  readonly leave: () => void;
}

interface OrganizationContext {
  readonly tenant: Tenant;
  readonly contextId: ContextId;
  readonly releases: Release[];
  uses: number;
}

/**
 * Keeps a NestJS context for each organisation whose callers have lately used something durable.
 *
 * Only those that nobody uses are ever let go, the one that was not used for longest first. While more than `limit`
 * are in use at once there are more, until they are left.
 */
export class OrganizationContexts {
  readonly #contexts = new Map<string, OrganizationContext>();
  /** Those that nobody uses, the one that was left longest ago first. */
  readonly #idle = new Map<string, OrganizationContext>();
  readonly #releasing = new Set<Promise<void>>();
  #limit: number;
  #onLeft: () => void = () => {};

  /**
   * @param limit how many are kept
   * @param onFailure told when something could not be released
   */
  constructor(
    limit: number,
    private readonly onFailure: (error: unknown, organizationId: string) => void,
  ) {
    this.#limit = limit;
  }

  /** How many there are, used and idle. */
  get size(): number {
    return this.#contexts.size;
  }

  /** How many are in use. */
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
   * Lets all go, once they are no longer in use.
   *
   * @param patience how long to wait for that, milliseconds; then they go as they are
   */
  async close(patience: number): Promise<void> {
    this.#limit = 0;
    this.#shrink();
    if (this.inUse > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#onLeft = () => this.inUse === 0 && resolve();
        timer = setTimeout(resolve, patience);
      });
      clearTimeout(timer);
    }
    this.#contexts.forEach((context) => this.#letGo(context));
    await Promise.all(this.#releasing);
  }

  #add(organizationId: string): OrganizationContext {
    const releases: Release[] = [];
    const context: OrganizationContext = {
      tenant: new Tenant(organizationId, (release) => {
        releases.push(release);
        // Too late for the others: nobody would ever come back for this one.
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
