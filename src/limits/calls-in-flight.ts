import { Inject, Injectable } from '@nestjs/common';

import type { Principal } from '../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';

/** Whose calls there are too many of. */
export type CrowdedBy = 'organization' | 'instance';

/**
 * How many calls this instance works on, overall and for each organisation. What would be too many is refused
 * at once: there is no queue, so none can grow.
 */
@Injectable()
export class CallsInFlight {
  readonly #limits: Configuration['limits']['inFlight'];
  readonly #ofOrganization = new Map<string, number>();
  #all = 0;

  constructor(@Inject(CONFIGURATION) { limits }: Configuration) {
    this.#limits = limits.inFlight;
  }

  /**
   * Takes in the calls of a request, all or none.
   *
   * @returns what to call when they have ended, or who crowds them out
   */
  enter({ organizationId }: Principal, calls: number): (() => void) | CrowdedBy {
    const ofOrganization = organizationId === undefined ? 0 : (this.#ofOrganization.get(organizationId) ?? 0);
    if (this.#all + calls > this.#limits.instance) return 'instance';
    if (organizationId !== undefined && ofOrganization + calls > this.#limits.organization)
      return 'organization';
    this.#add(organizationId, calls);
    return () => this.#add(organizationId, -calls);
  }

  #add(organizationId: string | undefined, calls: number): void {
    this.#all += calls;
    if (organizationId === undefined) return;
    const left = (this.#ofOrganization.get(organizationId) ?? 0) + calls;
    if (left > 0) this.#ofOrganization.set(organizationId, left);
    else this.#ofOrganization.delete(organizationId);
  }
}
