import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';

import type { Principal } from '../../auth/principal.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { ChangedList } from '../catalog/offers.js';
import { type Audience, isAmong } from '../context/audience.js';
import { ToolPolicyService } from '../policy/tool-policy.service.js';

/** Something that listeners want to hear of. */
export type ChangeEvent =
  | { readonly kind: 'list_changed'; readonly list: ChangedList; readonly audience: Audience }
  | { readonly kind: 'resource_updated'; readonly uri: string; readonly audience: Audience };

type Listener = (event: ChangeEvent) => void;

/** How long listeners may be told before whatever else there is to do has its turn, milliseconds. */
const TURN = 5;

/** An event that has reached some of those who listened when it was their turn. */
interface Telling {
  readonly event: ChangeEvent;
  readonly listeners: readonly Listener[];
  /** The place of the next one. */
  next: number;
}

/** Tells those who listen to this instance what has changed. */
@Injectable()
export class ChangeEvents implements OnModuleInit {
  readonly #logger = new Logger(ChangeEvents.name);
  readonly #listeners = new Set<Listener>();
  /** Events that nobody has heard of yet, in their order; what is published again meanwhile is one of them. */
  readonly #waiting = new Map<string, ChangeEvent>();
  #telling: Telling | undefined;
  #isTelling = false;

  constructor(
    private readonly catalog: CatalogService,
    private readonly policy: ToolPolicyService,
    private readonly authorization: AuthorizationService,
  ) {}

  onModuleInit(): void {
    const changed = (list: ChangedList): void =>
      this.publish({ kind: 'list_changed', list, audience: 'everybody' });
    this.catalog.onChange(changed);
    this.policy.onChange(() => changed('tools'));
  }

  /**
   * Tells everybody of an event, one event after the other: a few listeners at once, thousands of them turn by turn.
   * One listener that fails keeps the others from nothing, and is not the failure of whoever publishes.
   */
  publish(event: ChangeEvent): void {
    this.#waiting.set(JSON.stringify(event), event);
    if (!this.#isTelling) this.#tell();
  }

  #tell(): void {
    this.#isTelling = true;
    const end = performance.now() + TURN;
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
   * Has a listener told of every event that concerns the caller, as it may read now.
   *
   * @param uris the resources that the listener wants to hear of, looked up at each update; default: all
   * @returns what ends it
   */
  listen(principal: Principal, listener: Listener, uris?: ReadonlySet<string>): () => void {
    const heard = (event: ChangeEvent): void => {
      if (event.kind === 'resource_updated' && uris && !uris.has(event.uri)) return;
      if (this.#concerns(principal, event)) listener(event);
    };
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  #concerns(principal: Principal, event: ChangeEvent): boolean {
    if (!isAmong(event.audience, principal)) return false;
    return event.kind === 'list_changed' || this.authorization.mayRead(principal, event.uri);
  }
}
