import type { Configuration } from '../../config/configuration.js';
import type { Redis } from '../../redis/redis.js';
import { FileRevocations } from './file-revocations.js';
import { RedisRevocations } from './redis-revocations.js';
import type { RevocationStorage } from './revocation-storage.js';

/** Stores the list in Redis if it is configured, else in the state directory of the single instance. */
export function openRevocationStorage(
  { stateDirectory }: Configuration,
  redis: Redis | undefined,
): RevocationStorage {
  return redis ? new RedisRevocations(redis) : new FileRevocations(stateDirectory);
}
