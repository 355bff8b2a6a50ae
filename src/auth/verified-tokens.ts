import { LRUCache } from 'lru-cache';

import type { Principal } from './principal.js';
import { TokenDigests } from './token-digests.js';

const MAX_TOKENS = 10_000;
/** Maximum memory of all cached tokens: a few tokens with hundreds of scopes, or many ordinary ones. */
const MAX_BYTES = 5 * 1024 ** 2;
/** Approximate memory of a Principal without its strings. */
const PRINCIPAL_BYTES = 400;
/** Approximate memory of a scope, role or permission without its characters. */
const NAME_BYTES = 60;

interface VerifiedToken {
  readonly principal: Principal;
  /** End on the clock of the system, by which tokens expire. */
  readonly until: number;
  /** End on the clock of `performance.now()`, which nobody sets back. */
  readonly end: number;
}

/**
 * Caches recently verified tokens by their SHA-256, so that a signature is not verified again on every request. The
 * cache is limited in number, memory and time. A token is never cached past its expiry.
 */
export class VerifiedTokens {
  readonly #principals: LRUCache<string, VerifiedToken>;
  readonly #digests = new TokenDigests();
  #generation = 0;
  #hits = 0;
  #misses = 0;

  /** @param longest maximum time that a token is cached, milliseconds */
  constructor(private readonly longest: number) {
    this.#principals = new LRUCache({
      max: MAX_TOKENS,
      maxSize: MAX_BYTES,
      sizeCalculation: ({ principal }) => bytesOf(principal),
    });
  }

  /** Number of cached tokens. */
  get size(): number {
    return this.#principals.size;
  }

  /** Number of tokens that {@link recall} has found. */
  get hits(): number {
    return this.#hits;
  }

  /** Number of tokens that {@link recall} has not found. */
  get misses(): number {
    return this.#misses;
  }

  /** Returns the Principal of a recently verified, unexpired token, else undefined. Counts hits and misses. */
  recall(token: string): Principal | undefined {
    const principal = this.find(token);
    if (principal) this.#hits++;
    else this.#misses++;
    return principal;
  }

  /** Does the same as {@link recall} without counting. */
  find(token: string): Principal | undefined {
    const key = this.#digests.of(token);
    const remembered = this.#principals.get(key);
    if (!remembered) return undefined;
    if (Date.now() < remembered.until && performance.now() < remembered.end) return remembered.principal;
    this.#principals.delete(key);
    return undefined;
  }

  remember(token: string, principal: Principal): void {
    const until = Math.min(Date.now() + this.longest, principal.expiresAt * 1000);
    const end = performance.now() + this.longest;
    this.#principals.set(this.#digests.of(token), { principal, until, end });
  }

  /** Number that changes whenever the cache is cleared. */
  get generation(): number {
    return this.#generation;
  }

  /** Clears the cache. Must be called when the verification keys change. */
  clear(): void {
    this.#generation++;
    this.#principals.clear();
  }
}

function bytesOf(principal: Principal): number {
  const { issuer, subject, clientId, organizationId, tokenId, sessionId } = principal;
  const { scopes, roles, permissions } = principal;
  let bytes = PRINCIPAL_BYTES + principal.claimBytes;
  for (const text of [issuer, subject, clientId, organizationId, tokenId, sessionId])
    bytes += text?.length ?? 0;
  for (const names of [scopes, roles, permissions]) {
    for (const name of names) bytes += NAME_BYTES + name.length;
  }
  return bytes;
}
