import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';

import type { Principal } from '../../auth/principal.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { ChangedList } from '../catalog/offers.js';
import { type Audience, isAmong } from '../context/audience.js';
import { ToolPolicyService } from '../policy/tool-policy.service.js';
import { ResourceUpdates } from './resource-updates.js';

/** Change that listeners are notified of. */
export type ChangeEvent =
  | { readonly kind: 'list_changed'; readonly list: ChangedList; readonly audience: Audience }
  | { readonly kind: 'resource_updated'; readonly uri: string; readonly audience: Audience };

type Listener = (event: ChangeEvent) => void;

/** Maximum time to notify listeners before yielding to other work, in milliseconds. */
const MAX_TURN_MS = 5;

/** Event that is being delivered to the listeners registered at the start of the delivery. */
interface Telling {
  readonly event: ChangeEvent;
  readonly listeners: readonly Listener[];
  /** Index of the next listener. */
  next: number;
}

/** Notifies the listeners of one endpoint on this instance of changes. */
@Injectable()
export class ChangeEvents implements OnModuleInit {
  readonly #logger = new Logger(ChangeEvents.name);
  readonly #listeners = new Set<Listener>();
  /** Undelivered events in order. An event published again before its delivery is delivered once. */
  readonly #waiting = new Map<string, ChangeEvent>();
  #telling: Telling | undefined;
  #isTelling = false;

  constructor(
    private readonly catalog: CatalogService,
    private readonly policy: ToolPolicyService,
    private readonly authorization: AuthorizationService,
    private readonly updates: ResourceUpdates,
  ) {}

  onModuleInit(): void {
    const changed = (list: ChangedList): void =>
      this.publish({ kind: 'list_changed', list, audience: 'everybody' });
    this.catalog.onChange(changed);
    this.policy.onChange(() => changed('tools'));
    this.policy.onRefusal(() => changed('tools'));
    this.updates.onChange((event) => this.publish(event));
  }

  /**
   * Delivers an event to all listeners soon, one event after the other. Yields to other work between batches of
   * listeners. A failing listener affects neither the other listeners nor the publisher.
   */
  publish(event: ChangeEvent): void {
    this.#waiting.set(JSON.stringify(event), event);
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => this.#tell());
  }

  #tell(): void {
    const end = performance.now() + MAX_TURN_MS;
    while ((this.#telling ??= this.#takeNext())) {
      const { event, listeners } = this.#telling;
      const listener = listeners[this.#telling.next++];
      if (!listener) this.#telling = undefined;
      else if (this.#listeners.has(listener)) this.#tellOne(listener, event);
      if (performance.now() > end) {
        setImmediate(() => this.#tell());
        return;
      }
    }
    this.#isTelling = false;
  }

  #takeNext(): Telling | undefined {
    for (const [key, event] of this.#waiting) {
      this.#waiting.delete(key);
      return { event, listeners: [...this.#listeners], next: 0 };
    }
    return undefined;
  }

  #tellOne(listener: Listener, event: ChangeEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#logger.error(error);
    }
  }

  /**
   * Registers a listener for every event that concerns the caller. Access is checked at the time of the event.
   *
   * @param principalOf returns the current principal of the listener; undefined while there is none
   * @param uris resources of interest, looked up at each update; default: all
   * @returns a function that removes the listener
   */
  listen(
    principalOf: () => Principal | undefined,
    listener: Listener,
    uris?: ReadonlySet<string>,
  ): () => void {
    const heard = (event: ChangeEvent): void => {
      if (event.kind === 'resource_updated' && uris && !uris.has(event.uri)) return;
      const principal = principalOf();
      if (principal && this.#concerns(principal, event)) listener(event);
    };
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  #concerns(principal: Principal, event: ChangeEvent): boolean {
    if (!isAmong(event.audience, principal)) return false;
    return event.kind === 'list_changed' || this.authorization.mayRead(principal, event.uri);
  }
}
