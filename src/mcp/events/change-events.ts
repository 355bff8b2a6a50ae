import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';

import type { Principal } from '../../auth/principal.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { ChangedList } from '../catalog/offers.js';
import { audienceKey, audienceOf, isAmong } from '../context/audience.js';
import { ToolPolicyService } from '../policy/tool-policy.service.js';
import type { AllUpdated, ChangeEvent } from './change-event.js';
import { ResourceUpdates } from './resource-updates.js';
import { eventsOf, MAX_WAITING_UPDATES, WaitingChanges } from './waiting-changes.js';

export type { ChangeEvent } from './change-event.js';

/** Maximum time to notify listeners before yielding to other work, in milliseconds. */
const MAX_TURN_MS = 5;

const NO_RESOURCES: ReadonlySet<string> = new Set();

interface Listener {
  readonly principalOf: () => Principal;
  readonly notify: (event: ChangeEvent) => void;
  /** Resources of interest, looked up at each delivery. */
  readonly followed: ReadonlySet<string>;
}

/** Notifies the listeners of one endpoint on this instance of changes. */
@Injectable()
export class ChangeEvents implements OnModuleInit {
  readonly #logger = new Logger(ChangeEvents.name);
  readonly #listeners = new Set<Listener>();
  /** Listeners by their own audience, so that a change of one organization costs nothing for others. */
  readonly #audiences = new Map<string, Set<Listener>>();
  readonly #waiting = new WaitingChanges(() =>
    this.#logger.warn(
      `More than ${MAX_WAITING_UPDATES} changes wait for delivery, so they are merged: listeners are notified of ` +
        'resources and lists that may not have changed for them.',
    ),
  );
  /** Delivery in progress. Each step visits a listener, or notifies it of one event. */
  #delivery: Generator<void> | undefined;

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
   * Delivers an event soon to all listeners that it concerns. Equal events that wait are delivered once. Yields to other
   * work between batches of listeners. A failing listener affects neither the other listeners nor the publisher.
   */
  publish(event: ChangeEvent | AllUpdated): void {
    if (event.audience !== 'everybody' && !this.#audiences.has(audienceKey(event.audience))) return;
    this.#waiting.add(event);
    if (this.#delivery) return;
    this.#delivery = this.#deliver();
    setImmediate(() => this.#continue());
  }

  #continue(): void {
    const end = performance.now() + MAX_TURN_MS;
    while (this.#delivery && this.#delivery.next().done !== true) {
      if (performance.now() <= end) continue;
      setImmediate(() => this.#continue());
      return;
    }
    this.#delivery = undefined;
  }

  /** Delivers all that waits to the listeners that are registered when the delivery to their audience begins. */
  *#deliver(): Generator<void> {
    for (let changes = this.#waiting.takeNext(); changes; changes = this.#waiting.takeNext()) {
      const { audience } = changes;
      const concerned =
        audience === 'everybody' ? this.#listeners : this.#audiences.get(audienceKey(audience));
      const listeners = [...(concerned ?? [])]; // others may come and go meanwhile
      for (const listener of listeners) {
        yield;
        for (const event of eventsOf(changes, listener.followed)) {
          if (!this.#listeners.has(listener)) break;
          this.#notify(listener, event);
          yield;
        }
      }
    }
  }

  #notify({ principalOf, notify }: Listener, event: ChangeEvent): void {
    try {
      if (this.#concerns(principalOf(), event)) notify(event);
    } catch (error) {
      this.#logger.error(error);
    }
  }

  /**
   * Registers a listener for every event that concerns the caller. Access is checked at the time of the event.
   *
   * @param principalOf returns the current principal of the listener. Its organization and subject never change
   * @param followed resources of interest, looked up at each update; default: none
   * @returns a function that removes the listener
   */
  listen(
    principalOf: () => Principal,
    notify: (event: ChangeEvent) => void,
    followed = NO_RESOURCES,
  ): () => void {
    const listener = { principalOf, notify, followed };
    const key = audienceKey(audienceOf(principalOf()));
    const others = this.#audiences.get(key) ?? new Set();
    this.#audiences.set(key, others.add(listener));
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      others.delete(listener);
      if (others.size === 0 && this.#audiences.get(key) === others) this.#audiences.delete(key);
    };
  }

  #concerns(principal: Principal, event: ChangeEvent): boolean {
    if (!isAmong(event.audience, principal)) return false;
    return event.kind === 'list_changed' || this.authorization.mayRead(principal, event.uri);
  }
}
