import { hash } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import type { Principal } from './principal.js';

const MOST_TOKENS = 10_000;
/** Maximum memory that all remembered tokens take: few tokens with hundreds of scopes, or many usual ones. */
const MAX_BYTES = 5 * 1024 ** 2;
/** Approximate memory of a Principal without its texts, and of each scope, role and permission without its characters, bytes. */
const PRINCIPAL_BYTES = 400;
const NAME_BYTES = 60;

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

function bytesOf(principal: Principal): number {
  const { issuer, subject, clientId, organizationId, tokenId, sessionId } = principal;
  const { scopes, roles, permissions } = principal;
  let bytes = PRINCIPAL_BYTES;
  for (const text of [issuer, subject, clientId, organizationId, tokenId, sessionId])
    bytes += text?.length ?? 0;
  for (const names of [scopes, roles, permissions]) {
    for (const name of names) bytes += NAME_BYTES + name.length;
  }
  return bytes;
}

const digest = (token: string): string => hash('sha256', token, 'base64');
