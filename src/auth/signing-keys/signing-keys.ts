import { IssuerUnavailableError } from '../auth-errors.js';

/** Keys as loaded from the issuer; what holds them is the loader's affair. */
export interface KeySet {
  /** `kid` of each key (RFC 7517 §4.5). */
  readonly keyIds: readonly string[];
  /** Equal for equal keys. */
  readonly fingerprint: string;
}

export interface SigningKeysOptions<Keys extends KeySet> {
  /** Fetches the issuer's current keys; throws when it cannot. */
  readonly load: () => Promise<Keys>;
  /** Longest time that fetching may take, milliseconds; what comes later is ignored. */
  readonly loadTimeout: number;
  /** Age at which keys are fetched again, milliseconds. */
  readonly maxAge: number;
  /** Age beyond which keys are not used any more, milliseconds. */
  readonly maxStale: number;
  /** Least time between requests for keys that failures or unknown keys cause, milliseconds. */
  readonly cooldown: number;
  /** Called when other keys have taken the place of those before. */
  readonly onChange: () => void;
  /** Called when an attempt failed. */
  readonly onFailure: (error: unknown) => void;
}

/** What a readiness probe tells of the keys. */
export interface SigningKeysStatus {
  readonly loaded: boolean;
  /** Seconds since they were fetched. */
  readonly ageSeconds?: number;
  readonly keyIds?: readonly string[];
  /** Whether the latest attempt to fetch them succeeded. */
  readonly issuerReachable: boolean;
}

/**
 * The issuer's signing keys, kept fresh in the background.
 *
 * Whatever the traffic, the issuer sees one request per `maxAge`, one per `cooldown` while it fails, and one
 * per `cooldown` for keys it has not shown yet. Keys that it withdrew are gone after `maxAge`; while it is
 * down, the last ones are used for up to `maxStale`.
 */
export class SigningKeys<Keys extends KeySet> {
  #current: { readonly keys: Keys; readonly loadedAt: number } | undefined;
  #loading: Promise<boolean> | undefined;
  #reachable = false;
  #nextAttemptAt = 0;
  #nextRenewalAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(private readonly options: SigningKeysOptions<Keys>) {}

  /** Begins to keep keys at hand. */
  start(): void {
    this.#stopped = false;
    void this.#refresh();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * The keys to verify with, without asking the issuer where some are at hand.
   *
   * @throws {IssuerUnavailableError} when there are none and none can be had
   */
  async current(): Promise<Keys> {
    const usable = this.#usable();
    const due = Date.now() >= this.#nextAttemptAt;
    if (usable) {
      // The timer does this too, but sleeps when the machine does.
      if (due) void this.#refresh();
      return usable;
    }
    const mayAsk = this.#loading !== undefined || due;
    const loaded = mayAsk && (await this.#refresh()) ? this.#usable() : undefined;
    if (!loaded) throw this.#unavailable();
    return loaded;
  }

  /**
   * The keys after a look whether the issuer has others: those at hand will not do.
   *
   * @throws {IssuerUnavailableError} when the issuer did not answer, so that it cannot be told
   */
  async renewed(): Promise<Keys> {
    const allowedAt = this.#reachable ? this.#nextRenewalAt : this.#nextAttemptAt;
    if (this.#loading === undefined && Date.now() >= allowedAt) {
      this.#nextRenewalAt = Date.now() + this.options.cooldown;
      await this.#refresh();
    } else {
      await this.#loading;
    }
    if (!this.#reachable) throw this.#unavailable();
    return this.current();
  }

  get status(): SigningKeysStatus {
    const current = this.#usable() ? this.#current : undefined;
    return {
      loaded: current !== undefined,
      ...(current && {
        ageSeconds: Math.floor((Date.now() - current.loadedAt) / 1000),
        keyIds: current.keys.keyIds,
      }),
      issuerReachable: this.#reachable,
    };
  }

  #usable(): Keys | undefined {
    const current = this.#current;
    return current && Date.now() - current.loadedAt < this.options.maxStale ? current.keys : undefined;
  }

  #unavailable(): IssuerUnavailableError {
    return new IssuerUnavailableError(Math.max(1, Math.ceil((this.#nextAttemptAt - Date.now()) / 1000)));
  }

  /** One attempt, shared by all who want it at the same time; resolves to whether it succeeded. */
  #refresh(): Promise<boolean> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<boolean> {
    try {
      const keys = await within(this.options.loadTimeout, this.options.load());
      const changed = this.#current !== undefined && this.#current.keys.fingerprint !== keys.fingerprint;
      this.#current = { keys, loadedAt: Date.now() };
      this.#reachable = true;
      if (changed) this.options.onChange();
    } catch (error) {
      this.#reachable = false;
      this.options.onFailure(error);
    }
    const delay = this.#reachable ? this.options.maxAge : this.options.cooldown;
    this.#nextAttemptAt = Date.now() + delay;
    this.#schedule(delay);
    return this.#reachable;
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#refresh(), delay).unref();
  }
}

async function within<Outcome>(milliseconds: number, work: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${milliseconds} ms.`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
