import { followChannel } from '../../redis/follow-channel.js';
import type { Redis } from '../../redis/redis.js';
import { whenReady } from '../../redis/when-ready.js';
import type { RevocationStorage } from './revocation-storage.js';

/**
 * Key of the list and channel of its change notifications. The key has no expiry, so that Redis does not evict it
 * under a `volatile-*` policy. Each entry has its own expiry.
 */
const KEY = 'aerie:revocations';
/** Maximum time that the first read waits for a pending connection, milliseconds. */
const CONNECT_TIMEOUT_MS = 1_000;

const REPLACE = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('PUBLISH', KEYS[1], '')
return 1`;

/** Stores the revocation list in Redis, for any number of instances. */
export class RedisRevocations implements RevocationStorage {
  readonly kind = 'redis';
  readonly place = 'Redis';
  #stopListening = (): void => undefined;

  constructor(private readonly redis: Redis) {}

  async read(): Promise<string | undefined> {
    if (['connecting', 'connect'].includes(this.redis.status))
      await whenReady(this.redis, CONNECT_TIMEOUT_MS);
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
