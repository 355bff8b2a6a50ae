import { Inject, Injectable } from '@nestjs/common';

import { callerKeysOf } from '../auth/caller-keys.js';
import type { Principal } from '../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';

/** Whose calls there are too many of. */
export type CrowdedBy = 'organization' | 'instance';

/**
 * How many calls this process works on, overall and for each organisation, or for each caller who has none. What
 * would be too many is refused at once: there is no queue, so none can grow.
 */
@Injectable()
export class CallsInFlight {
  readonly #limits: Configuration['limits']['inFlight'];
  readonly #ofGroup = new Map<string, number>();
  #all = 0;

  constructor(@Inject(CONFIGURATION) { limits }: Configuration) {
    this.#limits = limits.inFlight;
  }

  /**
   * Takes in the calls of a request, all or none.
   *
   * @returns what to call when they have ended, or who crowds them out
   */
  enter(principal: Principal, calls: number): (() => void) | CrowdedBy {
    const { organization, caller } = callerKeysOf(principal);
    const group = organization ?? caller;
    if (this.#all + calls > this.#limits.instance) return 'instance';
    if ((this.#ofGroup.get(group) ?? 0) + calls > this.#limits.organization) return 'organization';
    this.#add(group, calls);
    return () => this.#add(group, -calls);
  }

  #add(group: string, calls: number): void {
    this.#all += calls;
    const left = (this.#ofGroup.get(group) ?? 0) + calls;
    if (left > 0) this.#ofGroup.set(group, left);
    else this.#ofGroup.delete(group);
  }
}
