import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';

import type { Principal } from '../../auth/principal.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { CatalogService, type ChangedList } from '../catalog/catalog.service.js';
import { type Audience, isAmong } from '../context/audience.js';
import { ToolPolicyService } from '../policy/tool-policy.service.js';

/** Something that listeners want to hear of. */
export type ChangeEvent =
  | { readonly kind: 'list_changed'; readonly list: ChangedList; readonly audience: Audience }
  | { readonly kind: 'resource_updated'; readonly uri: string; readonly audience: Audience };

type Listener = (event: ChangeEvent) => void;

/** How long listeners may be told before whatever else there is to do has its turn, milliseconds. */
const TURN = 5;

/** An event, and whom of those who listened when it was published it has not reached yet. */
interface Untold {
  readonly event: ChangeEvent;
  readonly listeners: Listener[];
}

/** Tells those who listen to this instance what has changed. */
@Injectable()
export class ChangeEvents implements OnModuleInit {
  readonly #logger = new Logger(ChangeEvents.name);
  readonly #listeners = new Set<Listener>();
  readonly #untold: Untold[] = [];
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
    this.#untold.push({ event, listeners: [...this.#listeners].toReversed() });
    if (!this.#isTelling) this.#tell();
  }

  #tell(): void {
    this.#isTelling = true;
    const end = performance.now() + TURN;
    for (let next = this.#untold[0]; next; next = this.#untold[0]) {
      const listener = next.listeners.pop();
      if (!listener) this.#untold.shift();
      else if (this.#listeners.has(listener)) this.#tellOne(listener, next.event);
      if (performance.now() > end) {
        setImmediate(() => this.#tell());
        return;
      }
    }
    this.#isTelling = false;
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
