import { hash } from 'node:crypto';

/** Maximum number of tokens whose digest is kept. */
const SLOTS = 128;
/** Maximum time that a token is kept together with its digest. */
const MAX_KEPT_MS = 10_000;

interface Digested {
  readonly token: string;
  readonly digest: string;
}

/**
 * Computes the SHA-256 of tokens. A request needs it twice, and the next request often has the same token, so a digest is
 * kept for a few seconds. Slots and no Map, because the token of each call may be another one (decision 8).
 */
export class TokenDigests {
  readonly #slots = Array.from<Digested | undefined>({ length: SLOTS });
  #isTimed = false;

  of(token: string): string {
    const slot = slotOf(token);
    const known = this.#slots[slot];
    if (known?.token === token) return known.digest;
    const digest = hash('sha256', token, 'base64');
    this.#slots[slot] = { token, digest };
    if (!this.#isTimed) setTimeout(() => this.#forget(), MAX_KEPT_MS).unref();
    this.#isTimed = true;
    return digest;
  }

  /** Forgets all tokens. A dump of the memory should contain few of them. */
  #forget(): void {
    this.#isTimed = false;
    this.#slots.fill(undefined);
  }
}

/** Returns the slot of a token, from characters of its signature, which differ from token to token. */
function slotOf(token: string): number {
  const last = token.length - 1;
  return (token.charCodeAt(last - 2) * 31 + token.charCodeAt(last - 1)) % SLOTS || 0;
}
