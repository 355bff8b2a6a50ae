import { InvalidTokenError } from '../auth-errors.js';

/** Status of the keys for the readiness probe. */
export interface SigningKeysStatus {
  readonly loaded: boolean;
  /** Seconds since the last successful fetch. */
  readonly ageSeconds?: number;
  readonly keyIds?: readonly string[];
  /** Whether the latest fetch succeeded. */
  readonly issuerReachable: boolean;
}

/** Provides the keys that verify the tokens of an issuer. */
export interface KeySource<Keys> {
  /** Status of fetched keys; undefined if the keys are configured. */
  readonly status: SigningKeysStatus | undefined;
  start(): void;
  stop(): void;
  /**
   * Finds the keys for a token. If none of the cached keys fits, fetches the keys again.
   *
   * @param select selects from all keys; returns undefined if none fits
   * @throws {InvalidTokenError} when no key fits
   * @throws {IssuerUnavailableError} when the keys cannot be fetched
   */
  find<Found>(select: (keys: Keys) => Found | undefined): Promise<Found>;
  /**
   * Returns the keys, fetched again if the last such fetch is long enough ago, for a token that none of them fits.
   *
   * @throws {IssuerUnavailableError} when the keys cannot be fetched
   */
  renewed(): Promise<Keys>;
}

/** Provides keys that only the configuration changes. */
export class ConfiguredKeys<Keys> implements KeySource<Keys> {
  readonly status = undefined;

  constructor(private keys: Promise<Keys>) {}

  /** Replaces the keys. */
  replace(keys: Promise<Keys>): void {
    this.keys = keys;
  }

  start(): void {}

  stop(): void {}

  async find<Found>(select: (keys: Keys) => Found | undefined): Promise<Found> {
    const found = select(await this.keys);
    if (found === undefined) throw new InvalidTokenError('unknown_key');
    return found;
  }

  renewed(): Promise<Keys> {
    return this.keys;
  }
}
