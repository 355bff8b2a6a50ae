import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';

import type { Configuration } from '../../config/configuration.js';
import { SHARED_CONFIGURATION } from '../../config/shared-configuration.module.js';
import type { Redis } from '../../redis/redis.js';
import { REDIS } from '../../redis/redis.module.js';
import { RevocationsUnknownError, RevokedTokenError } from '../auth-errors.js';
import type { Principal } from '../principal.js';
import { openRevocationStorage } from './open-revocation-storage.js';
import type { Revocation } from './revocation.js';
import { RevocationList, type RevocationListStatus } from './revocation-list.js';

/** Listener for changes of the list. */
export type RevocationListener = (added: readonly Revocation[], removed: readonly Revocation[]) => void;

/** Rejects callers with revoked tokens, on every request. */
@Injectable()
export class RevocationsService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('Revocations');
  readonly #list: RevocationList;
  readonly #listeners = new Set<RevocationListener>();
  #maxTokenLifetime = 0;

  /** @internal */
  constructor(
    @Inject(SHARED_CONFIGURATION) configuration: Configuration,
    @Inject(REDIS) redis: Redis | undefined,
  ) {
    const storage = openRevocationStorage(configuration, redis);
    this.#list = new RevocationList(storage, {
      maxTokenLifetime: () => this.#maxTokenLifetime,
      onFailure: (reason, failure) => {
        if (failure === 'refusing') {
          this.#logger.error(
            `Revocations cannot be stored: ${reason} This instance keeps them in memory, and stores them as soon as it can.`,
          );
          return;
        }
        const message = `The revocation list in ${storage.place} cannot be loaded: ${reason}. ${this.#consequence}`;
        if (failure === 'unreadable')
          this.#logger.error(
            `${message} Repair it, or remove it: an instance that knows the list stores it again.`,
          );
        else this.#logger.warn(message);
      },
      onRecovery: () => this.#logger.log(`The revocation list in ${storage.place} can be loaded again.`),
      onChange: (added, removed) => this.#listeners.forEach((listener) => listener(added, removed)),
      onRestored: () =>
        this.#logger.warn(
          `${storage.place} had lost revocations that this instance still knew. They have been restored.`,
        ),
    });
  }

  /** Keeps revocations for at least as long as an endpoint may accept a token, milliseconds. */
  keepFor(maxTokenLifetime: number): void {
    this.#maxTokenLifetime = Math.max(this.#maxTokenLifetime, maxTokenLifetime);
  }

  /** Loads the list before the server listens, so that it is ready for the first request. */
  async onApplicationBootstrap(): Promise<void> {
    await this.#list.start();
  }

  onApplicationShutdown(): void {
    this.#list.stop();
  }

  /** Loads the list now, instead of after the next notification. */
  reload(): Promise<void> {
    return this.#list.reload();
  }

  /** Calls a listener after each change that this instance sees. */
  onChange(listener: RevocationListener): void {
    this.#listeners.add(listener);
  }

  /** Status of the list for the readiness probe. */
  get status(): RevocationListStatus {
    return this.#list.status;
  }

  /** Seconds since the list was loaded; undefined until then. */
  get ageSeconds(): number | undefined {
    return this.#list.ageSeconds;
  }

  /**
   * Checks a verified caller against the list in memory, synchronously.
   *
   * @throws {RevokedTokenError} when the token has been revoked
   * @throws {RevocationsUnknownError} while the list has not been loaded
   */
  check(principal: Principal): void {
    const revoked = this.#list.covers(principal);
    if (revoked === undefined) throw new RevocationsUnknownError();
    if (revoked) throw new RevokedTokenError();
  }

  get #consequence(): string {
    return this.#list.status.entries === undefined
      ? 'All requests are refused until it can be loaded.'
      : 'The last known list stays in effect.';
  }
}
