import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Redis } from 'ioredis';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { REDIS } from '../../redis/redis.module.js';
import { RevocationsUnknownError, RevokedTokenError } from '../auth-errors.js';
import type { Principal } from '../principal.js';
import { openRevocationStorage } from './open-revocation-storage.js';
import { RevocationList, type RevocationListStatus } from './revocation-list.js';

/** Turns away callers whose tokens have been revoked, on every request. */
@Injectable()
export class RevocationsService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('Revocations');
  readonly #list: RevocationList;

  constructor(@Inject(CONFIGURATION) configuration: Configuration, @Inject(REDIS) redis: Redis | undefined) {
    const storage = openRevocationStorage(configuration, redis);
    this.#list = new RevocationList(storage, {
      onFailure: (reason, failure) => {
        const message = `The revocation list in ${storage.place} cannot be loaded: ${reason}. ${this.#consequence}`;
        if (failure === 'unreadable')
          this.#logger.error(`${message} Mend it, or remove it to begin with an empty list.`);
        else this.#logger.warn(message);
      },
      onRecovery: () => this.#logger.log(`The revocation list in ${storage.place} can be loaded again.`),
      onRestored: () =>
        this.#logger.warn(`${storage.place} had lost revocations that are known here; they are back.`),
    });
  }

  /** Before the server listens, so that the first requests find the list loaded. */
  async onApplicationBootstrap(): Promise<void> {
    await this.#list.start();
  }

  onApplicationShutdown(): void {
    this.#list.stop();
  }

  /** Whether the list is known. */
  get status(): RevocationListStatus {
    return this.#list.status;
  }

  /**
   * Looks a verified caller up in memory; never waits.
   *
   * @throws {RevokedTokenError} when the token has been revoked
   * @throws {RevocationsUnknownError} while that cannot be told
   */
  check(principal: Principal): void {
    const revoked = this.#list.covers(principal);
    if (revoked === undefined) throw new RevocationsUnknownError();
    if (revoked) throw new RevokedTokenError();
  }

  get #consequence(): string {
    return this.#list.status.entries === undefined
      ? 'Nobody is let in until it can.'
      : 'The last known one goes on being applied.';
  }
}
