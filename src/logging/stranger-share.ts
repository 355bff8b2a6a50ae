import { networkOf } from '../network/network-of.js';

/** Maximum number of entries per window for requests of strangers. Each legitimate sign-in begins with one such request. */
const MAX_ENTRIES = 600;
/** Number of entries that any network may use. The others are for networks with few, so that a flood cannot hide them. */
const MAX_OF_ANY = MAX_ENTRIES / 2;
/** Maximum number of entries of a network that uses the other half. */
const MAX_OF_FEW = 10;

/**
 * Shares the entries of a log or trail between requests without a verified token. Otherwise, anybody could fill it until
 * it drops the entries of others.
 */
export class StrangerShare {
  #total = 0;
  /** Number of entries by network. */
  readonly #entries = new Map<string, number>();

  /** Whether a request from an address gets an entry in this window. */
  take(address = ''): boolean {
    const network = networkOf(address);
    const own = this.#entries.get(network) ?? 0;
    const isFree = this.#total < MAX_OF_ANY || (this.#total < MAX_ENTRIES && own < MAX_OF_FEW);
    if (!isFree) return false;
    this.#total++;
    this.#entries.set(network, own + 1);
    return true;
  }

  /** Begins a new window. */
  reset(): void {
    this.#total = 0;
    this.#entries.clear();
  }
}
