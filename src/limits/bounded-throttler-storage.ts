import { ThrottlerStorageService } from '@nestjs/throttler';

/** Stands for all addresses that there is no more room for. */
const OTHERS = 'others';

/**
 * The throttler's in-memory storage for a limited number of addresses. Its own keeps each until a sweep finds
 * it idle, and whoever has many addresses would fill the memory between two sweeps.
 */
export class BoundedThrottlerStorage extends ThrottlerStorageService {
  constructor(private readonly most: number) {
    super();
  }

  override increment(
    key: string,
    ...limit: [ttl: number, limit: number, blockDuration: number, throttlerName: string]
  ): ReturnType<ThrottlerStorageService['increment']> {
    const hasRoom = this.storage.has(key) || this.storage.size < this.most;
    return super.increment(hasRoom ? key : OTHERS, ...limit);
  }
}
