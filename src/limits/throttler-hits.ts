import type { ThrottlerStorage } from '@nestjs/throttler';

/** Answer of a throttler storage. */
export type Hits = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** @param left milliseconds until the window ends, until which an address beyond the limit is blocked */
export function hitsOf(totalHits: number, limit: number, left: number): Hits {
  const timeToExpire = Math.max(1, Math.ceil(left / 1_000));
  const isBlocked = totalHits > limit;
  return { totalHits, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 };
}
