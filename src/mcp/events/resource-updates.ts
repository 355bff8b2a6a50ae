import { randomUUID } from 'node:crypto';

import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';

import { channelIn } from '../../redis/channel-in.js';
import { followChannel } from '../../redis/follow-channel.js';
import type { Redis } from '../../redis/redis.js';
import { REDIS } from '../../redis/redis.module.js';
import { settledWithin } from '../../values/within.js';
import type { Announcements, Audience } from '../context/audience.js';
import type { AllUpdated, ChangeEvent } from './change-event.js';
import { OutgoingChanges } from './outgoing-changes.js';
import { MAX_WAITING_UPDATES } from './waiting-changes.js';

/** Name of the channel of the instances, for {@link channelIn}. */
export const CHANNEL = 'aerie:resource-updates';

/** Maximum time for which a shutdown waits until updates are sent. */
const SHUTDOWN_WAIT_MS = 2_000;

const named = z.union([
  z.strictObject({ organizationId: z.string() }),
  z.strictObject({ issuer: z.string(), subject: z.string() }),
  z.literal('everybody'),
]);

/** Change of a resource, of all resources that an audience follows, or of the list of resources. */
export type ResourceEvent =
  | AllUpdated
  | { readonly kind: 'resource_updated'; readonly uri: string; readonly audience: Audience }
  | { readonly kind: 'list_changed'; readonly list: 'resources'; readonly audience: Audience };

/**
 * Message between instances: the event with its audience, and the sending instance. Instances ignore unknown kinds, which
 * later versions may send.
 */
const announcement = z.strictObject({
  from: z.uuid(),
  event: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('resource_updated'), uri: z.string(), audience: named }),
    z.strictObject({ kind: z.literal('all_resources_updated'), audience: named }),
    z.strictObject({ kind: z.literal('list_changed'), list: z.literal('resources'), audience: named }),
  ]),
});

/**
 * Notifies listeners on every instance, at every endpoint, that a resource has changed. Inject it where no CallContext
 * is available.
 *
 * A listener is notified if it belongs to the audience and may read the resource at that moment. Announcements are not
 * stored: a listener or an instance that is not connected at that moment misses them.
 */
@Injectable()
export class ResourceUpdates implements Announcements, OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(ResourceUpdates.name);
  readonly #instance = randomUUID();
  readonly #listeners: ((event: ResourceEvent) => void)[] = [];
  #leave = (): void => {};
  #isAlone = false;
  readonly #outgoing: OutgoingChanges | undefined;

  /** @internal */
  constructor(@Inject(REDIS) private readonly redis: Redis | undefined) {
    if (redis) {
      this.#outgoing = new OutgoingChanges(
        (event) => this.#send(redis, event),
        () => this.#warnOfOverload(),
      );
    }
  }

  /**
   * Calls a listener for every change.
   *
   * @internal
   */
  onChange(listener: (event: ResourceEvent) => void): void {
    this.#listeners.push(listener);
  }

  onModuleInit(): void {
    if (this.redis) {
      const channel = channelIn(this.redis, CHANNEL);
      this.#leave = followChannel(this.redis, channel, { onMessage: (text) => this.#receive(text) });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.#leave();
    if (this.#outgoing) await settledWithin(SHUTDOWN_WAIT_MS, this.#outgoing.allSent());
  }

  /**
   * Announces that a resource was changed or deleted.
   *
   * @param uri the exact URI that listeners subscribe to
   * @param audience recipients; use `'everybody'` only for data that belongs to no organization
   */
  resourceUpdated(uri: string, audience: Audience): void {
    this.#announce({ kind: 'resource_updated', uri, audience });
  }

  /** Announces that the entries of `resources/list` have changed. */
  resourceListChanged(audience: Audience): void {
    this.#announce({ kind: 'list_changed', list: 'resources', audience });
  }

  #announce(event: ResourceEvent): void {
    this.#publish(event);
    this.#outgoing?.add(event);
  }

  async #send(redis: Redis, event: ChangeEvent | AllUpdated): Promise<void> {
    try {
      await redis.publish(channelIn(redis, CHANNEL), JSON.stringify({ from: this.#instance, event }));
      this.#isAlone = false;
    } catch {
      if (!this.#isAlone) {
        this.#logger.warn('Redis is unavailable: resource updates reach only listeners on this instance.');
      }
      this.#isAlone = true;
    }
  }

  #warnOfOverload(): void {
    this.#logger.warn(
      `More than ${MAX_WAITING_UPDATES} changes wait to be sent to other instances, so they are merged: listeners there ` +
        'are notified of resources and lists that may not have changed for them.',
    );
  }

  #receive(text: string): void {
    const received = announcement.safeParse(parsed(text));
    if (!received.success) this.#logger.debug(`Ignored an invalid message on the Redis channel ${CHANNEL}.`);
    else if (received.data.from !== this.#instance) this.#publish(received.data.event);
  }

  #publish(event: ResourceEvent): void {
    this.#listeners.forEach((listener) => listener(event));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
