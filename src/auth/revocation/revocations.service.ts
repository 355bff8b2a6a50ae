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
import { messageOf } from '../../values/trace-of.js';
import { RevocationsUnknownError, RevokedTokenError } from '../auth-errors.js';
import type { Principal } from '../principal.js';
import { FileRevocations } from './file-revocations.js';
import { openRevocationStorage } from './open-revocation-storage.js';
import { isLive, keptFor, keyOf } from './revocation.js';
import { parseDocument } from './revocation-document.js';
import { RevocationList, type RevocationListStatus } from './revocation-list.js';
import type { RevocationStorage } from './revocation-storage.js';
import type { RevocationChange } from './revocations.js';

/** Listener for changes of the list. */
export type RevocationListener = (change: RevocationChange) => void;

/** Rejects callers with revoked tokens, on every request. */
@Injectable()
export class RevocationsService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly storage: RevocationStorage;
  readonly #logger = new Logger('Revocations');
  readonly #list: RevocationList;
  readonly #listeners = new Set<RevocationListener>();
  readonly #onStricter = new Set<() => void>();
  /** Tokens whose change this process makes, and what the list shows of it. Listeners learn of it with who made it. */
  #making: { readonly key: string; readonly seen: RevocationChange[] } | undefined;
  /** Settles when the latest change of this process has ended. */
  #lastMade: Promise<unknown> = Promise.resolve();
  #maxTokenLifetime = 0;
  #hasComparedFile = false;

  /** @internal */
  constructor(
    @Inject(SHARED_CONFIGURATION) private readonly configuration: Configuration,
    @Inject(REDIS) private readonly redis: Redis | undefined,
  ) {
    const storage = openRevocationStorage(configuration, redis);
    this.storage = storage;
    this.#list = new RevocationList(storage, {
      maxTokenLifetime: () => this.#maxTokenLifetime,
      onFailure: (reason, failure) => {
        if (failure === 'refusing' || failure === 'full') {
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
      onRecovery: () => {
        this.#logger.log(`The revocation list in ${storage.place} can be loaded again.`);
        void this.#warnOfFile();
      },
      onChange: (added, removed) => {
        for (const one of added) this.#see({ kind: 'added', selector: one, by: one.by });
        for (const one of removed) this.#see({ kind: 'removed', selector: one });
      },
      onStricter: () => this.#onStricter.forEach((listener) => listener()),
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
    await this.#warnOfFile();
  }

  onApplicationShutdown(): void {
    this.#list.stop();
  }

  /** Loads the list now, instead of after the next notification. */
  reload(): Promise<void> {
    return this.#list.reload();
  }

  /** Calls a listener after each change that this instance makes or sees. */
  onChange(listener: RevocationListener): void {
    this.#listeners.add(listener);
  }

  /** Calls a listener each time that this instance may begin to reject tokens that it accepted before. */
  onStricter(listener: () => void): void {
    this.#onStricter.add(listener);
  }

  /**
   * Runs a change of the stored list, applies it here at once, and tells the listeners. Changes run one after another, so
   * that each is told with who made it.
   */
  making<Result>(change: RevocationChange, make: () => Promise<Result>): Promise<Result> {
    const made = this.#lastMade.then(() => this.#make(change, make));
    this.#lastMade = made.catch(() => {});
    return made;
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

  /**
   * Warns once, after the first load, of the list that an earlier configuration without Redis used. It is not imported:
   * it may be old, and contain what was undone in Redis.
   */
  async #warnOfFile(): Promise<void> {
    if (!this.redis || this.#hasComparedFile || !this.#list.status.loaded) return;
    this.#hasComparedFile = true;
    const file = new FileRevocations(this.configuration.stateDirectory);
    try {
      const now = Date.now();
      const { revocations } = parseDocument(await file.read());
      const live = revocations.filter((one) => isLive(keptFor(one, this.#maxTokenLifetime), now));
      const { length } = this.#list.lacking(live);
      if (length === 0) return;
      this.#logger.warn(
        `${file.place} has revocations that Redis lacks (${length}), so their tokens are accepted. Revoke again what the file names, and remove it.`,
      );
    } catch (error) {
      this.#logger.warn(
        `${file.place} is not used, because REDIS_URL is set, and cannot be read (${messageOf(error)}). Repair it to see what it revokes, or remove it.`,
      );
    }
  }

  async #make<Result>(change: RevocationChange, make: () => Promise<Result>): Promise<Result> {
    const seen: RevocationChange[] = [];
    this.#making = { key: keyOf(change.selector), seen };
    try {
      const result = await make();
      await this.reload();
      this.#tell(change);
      return result;
    } catch (error) {
      seen.forEach((one) => this.#tell(one)); // it has succeeded, but the response was lost
      throw error;
    } finally {
      this.#making = undefined;
    }
  }

  #tell(change: RevocationChange): void {
    this.#listeners.forEach((listener) => listener(change));
  }

  #see(change: RevocationChange): void {
    const making = this.#making;
    if (making?.key === keyOf(change.selector)) making.seen.push(change);
    else this.#tell(change);
  }

  get #consequence(): string {
    return this.#list.status.entries === undefined
      ? 'All requests are refused until it can be loaded.'
      : 'The last known list stays in effect.';
  }
}
