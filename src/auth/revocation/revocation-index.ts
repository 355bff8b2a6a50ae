import type { Principal } from '../principal.js';
import { ends, isLive, keyOf, keysOf, type Revocation } from './revocation.js';

/** The revocations in force, by whom they concern: what every request is held against. */
export class RevocationIndex {
  readonly #byKey: ReadonlyMap<string, Revocation>;

  constructor(revocations: readonly Revocation[], now = Date.now()) {
    this.#byKey = new Map(
      revocations
        .filter((revocation) => isLive(revocation, now))
        .map((revocation) => [keyOf(revocation), revocation]),
    );
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Whether the token behind this caller has been revoked. */
  covers(principal: Principal, now = Date.now()): boolean {
    if (this.#byKey.size === 0) return false;
    return keysOf(principal).some((key) => {
      const revocation = this.#byKey.get(key);
      return revocation !== undefined && ends(revocation, principal.issuedAt, now);
    });
  }
}
