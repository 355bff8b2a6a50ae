import { ThrottlerStorageService } from '@nestjs/throttler';

/** Shared key of all addresses beyond the maximum. */
const OTHERS = 'others';

/**
 * In-memory throttler storage with a maximum number of addresses. The built-in storage keeps each address until a
 * sweep, so a caller with many addresses could fill the memory between two sweeps.
 */
export class BoundedThrottlerStorage extends ThrottlerStorageService {
  constructor(private readonly maxAddresses: number) {
    super();
  }

  override increment(
    key: string,
    ...limit: [ttl: number, limit: number, blockDuration: number, throttlerName: string]
  ): ReturnType<ThrottlerStorageService['increment']> {
    const hasRoom = this.storage.has(key) || this.storage.size < this.maxAddresses;
    return super.increment(hasRoom ? key : OTHERS, ...limit);
  }
}
