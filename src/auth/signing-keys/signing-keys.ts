import { AsyncLocalStorage } from 'node:async_hooks';

import { within } from '../../values/within.js';
import { InvalidTokenError, IssuerUnavailableError } from '../auth-errors.js';
import type { KeySource, SigningKeysStatus } from './key-source.js';

/** Keys loaded from the issuer, in a form that the loader chooses. */
export interface KeySet {
  /** `kid` of each key (RFC 7517 §4.5). */
  readonly keyIds: readonly string[];
  /** Equal for equal keys. */
  readonly fingerprint: string;
  /** Milliseconds by which the issuer's clock is ahead of this one; undefined if it is unknown. */
  readonly clockLead?: number | undefined;
}

export interface SigningKeysOptions<Keys extends KeySet> {
  /** Fetches the current keys of the issuer; throws on failure. */
  readonly load: () => Promise<Keys>;
  /** Timeout of a fetch, milliseconds; a later response is ignored. */
  readonly loadTimeout: number;
  /** Age at which keys are fetched again, milliseconds. */
  readonly maxAge: number;
  /** Age beyond which keys are no longer used, milliseconds. */
  readonly maxStale: number;
  /** Minimum time between key requests after a failure or for an unknown key, milliseconds. */
  readonly cooldown: number;
  /** Called when the keys have changed. */
  readonly onChange: () => void;
  /** Called when a fetch fails. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Caches the signing keys of an issuer and refreshes them in the background.
 *
 * Regardless of traffic, the issuer gets one request per `maxAge`, one per `cooldown` while requests fail, and one
 * per `cooldown` for unknown keys. Withdrawn keys disappear after `maxAge`. While the issuer is down, the last keys
 * are used for up to `maxStale`.
 */
export class SigningKeys<Keys extends KeySet> implements KeySource<Keys> {
  #current: { readonly keys: Keys; readonly age: () => number } | undefined;
  #loading: Promise<boolean> | undefined;
  #reachable = false;
  /** Ends of cooldowns, on the clock of `performance.now()`, which nobody sets back. */
  #nextAttemptAt = 0;
  #nextRenewalAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Runs work outside of the request whose token causes a fetch: later fetches belong to no request, and to no trace. */
  readonly #outside = AsyncLocalStorage.snapshot();

  constructor(private readonly options: SigningKeysOptions<Keys>) {}

  /** Starts fetching keys. */
  start(): void {
    this.#stopped = false;
    void this.#refresh();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * Returns the cached keys, or fetches them if none are cached.
   *
   * @throws {IssuerUnavailableError} when no keys are cached and none can be fetched
   */
  async current(): Promise<Keys> {
    const usable = this.#usable();
    const due = this.#isDue();
    if (usable) {
      // The timer does not run while the machine sleeps.
      if (due) void this.#refresh();
      return usable;
    }
    const mayAsk = this.#loading !== undefined || due;
    const loaded = mayAsk && (await this.#refresh()) ? this.#usable() : undefined;
    if (!loaded) throw this.#unavailable();
    return loaded;
  }

  /**
   * Fetches the keys again, for a token that none of the cached keys fits.
   *
   * @throws {IssuerUnavailableError} when the issuer did not respond
   */
  async renewed(): Promise<Keys> {
    const allowedAt = this.#reachable ? this.#nextRenewalAt : this.#nextAttemptAt;
    if (this.#loading === undefined && performance.now() >= allowedAt) {
      this.#nextRenewalAt = performance.now() + this.options.cooldown;
      await this.#refresh();
    } else {
      await this.#loading;
    }
    if (!this.#reachable) throw this.#unavailable();
    return this.current();
  }

  async find<Found>(select: (keys: Keys) => Found | undefined): Promise<Found> {
    const found = select(await this.current()) ?? select(await this.renewed());
    if (found === undefined) throw new InvalidTokenError('unknown_key');
    return found;
  }

  get status(): SigningKeysStatus {
    const current = this.#usable() ? this.#current : undefined;
    return {
      loaded: current !== undefined,
      ...(current && {
        ageSeconds: Math.floor(current.age() / 1000),
        keyIds: current.keys.keyIds,
      }),
      issuerReachable: this.#reachable,
    };
  }

  #usable(): Keys | undefined {
    const current = this.#current;
    return current && current.age() < this.options.maxStale ? current.keys : undefined;
  }

  /** Whether the keys have reached their maximum age, or the cooldown after a failure is over. */
  #isDue(): boolean {
    if (!this.#reachable || !this.#current) return performance.now() >= this.#nextAttemptAt;
    return this.#current.age() >= this.options.maxAge;
  }

  #unavailable(): IssuerUnavailableError {
    const seconds = Math.ceil((this.#nextAttemptAt - performance.now()) / 1000);
    return new IssuerUnavailableError(Math.max(1, seconds));
  }

  /** Fetches the keys once for all concurrent callers; resolves to whether the fetch succeeded. */
  #refresh(): Promise<boolean> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<boolean> {
    try {
      const { load, loadTimeout } = this.options;
      const late = (): Error => new Error(`No response within ${loadTimeout} ms.`);
      const keys = await within(loadTimeout, load(), late);
      const changed = this.#current !== undefined && this.#current.keys.fingerprint !== keys.fingerprint;
      this.#current = { keys, age: ageSinceNow() };
      this.#reachable = true;
      if (changed) this.options.onChange();
    } catch (error) {
      this.#reachable = false;
      this.options.onFailure(error);
    }
    this.#nextAttemptAt = performance.now() + this.options.cooldown;
    this.#schedule(this.#reachable ? this.options.maxAge : this.options.cooldown);
    return this.#reachable;
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = this.#outside(() => setTimeout(() => void this.#refresh(), delay).unref());
  }
}

/**
 * Returns a function that measures the milliseconds since now, by the clock that has advanced more: the clock of the system
 * can be set back, and `performance.now()` stands still while the machine sleeps.
 */
function ageSinceNow(): () => number {
  const [time, ticks] = [Date.now(), performance.now()];
  return () => Math.max(Date.now() - time, performance.now() - ticks);
}
