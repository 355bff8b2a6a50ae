import type { Redis } from 'ioredis';

import { followChannel } from '../../redis/follow-channel.js';
import { whenReady } from '../../redis/when-ready.js';
import type { RevocationStorage } from './revocation-storage.js';

/**
 * The key of the list and the channel on which its changes are announced. The key has no expiry, so that a
 * Redis which is short of memory and evicts what has one (`volatile-*`) keeps it; its entries have theirs.
 */
const KEY = 'aerie:revocations';
/** How long the first reading waits for a connection that is being made, milliseconds. */
const CONNECTING = 1_000;

const REPLACE = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('PUBLISH', KEYS[1], '')
return 1`;

/** The revocation list in Redis, for any number of instances. */
export class RedisRevocations implements RevocationStorage {
  readonly kind = 'redis';
  readonly place = 'Redis';
  #stopListening = (): void => undefined;

  constructor(private readonly redis: Redis) {}

  async read(): Promise<string | undefined> {
    if (['connecting', 'connect'].includes(this.redis.status)) await whenReady(this.redis, CONNECTING);
    return (await this.redis.get(KEY)) ?? undefined;
  }

  async replace(expected: string | undefined, text: string): Promise<boolean> {
    return (await this.redis.eval(REPLACE, 1, KEY, expected ?? '', text)) === 1;
  }

  watch(changed: () => void): void {
    const leave = followChannel(this.redis, KEY, { onMessage: changed, onSubscribed: changed });
    this.redis.on('ready', changed);
    this.#stopListening = () => {
      leave();
      this.redis.off('ready', changed);
    };
  }

  close(): void {
    this.#stopListening();
  }
}
