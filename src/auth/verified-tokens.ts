import { hash } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import type { Principal } from './principal.js';

const MOST_TOKENS = 10_000;
/** Maximum memory that all remembered tokens take: few tokens with hundreds of scopes, or many usual ones. */
const MAX_BYTES = 5 * 1024 ** 2;
/** Approximate memory of a Principal without scopes, roles and permissions, and of each of these, bytes. */
const PRINCIPAL_BYTES = 400;
const NAME_BYTES = 70;

/**
 * The tokens verified a short while ago, by their SHA-256, so that a busy caller's signature is not checked
 * on every request. Bounded in number, memory and time; a token is never remembered past its expiry.
 */
export class VerifiedTokens {
  readonly #principals: LRUCache<string, { readonly principal: Principal; readonly until: number }>;
  #generation = 0;

  /** @param longest how long a token may be remembered, milliseconds */
  constructor(private readonly longest: number) {
    this.#principals = new LRUCache({
      max: MOST_TOKENS,
      maxSize: MAX_BYTES,
      sizeCalculation: ({ principal }) => bytesOf(principal),
    });
  }

  /** The Principal of a token that was verified recently and has not expired; else undefined. */
  recall(token: string): Principal | undefined {
    const key = digest(token);
    const remembered = this.#principals.get(key);
    if (!remembered) return undefined;
    if (Date.now() < remembered.until) return remembered.principal;
    this.#principals.delete(key);
    return undefined;
  }

  remember(token: string, principal: Principal): void {
    const until = Math.min(Date.now() + this.longest, principal.expiresAt * 1000);
    this.#principals.set(digest(token), { principal, until });
  }

  /** Another number each time that everything was forgotten. */
  get generation(): number {
    return this.#generation;
  }

  /** Forgets everything, as is due when the keys that vouched for it change. */
  clear(): void {
    this.#generation++;
    this.#principals.clear();
  }
}

function bytesOf({ scopes, roles, permissions }: Principal): number {
  return PRINCIPAL_BYTES + NAME_BYTES * (scopes.length + roles.length + permissions.length);
}

const digest = (token: string): string => hash('sha256', token, 'base64');
