import { LRUCache } from 'lru-cache';
import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Time in which a replaced refresh token may be used again. */
const REFRESH_GRACE_SECONDS = 30;

/** Maximum number of records of each kind. Any web page on this machine can create records, so old ones are evicted. */
export const MAX_RECORDS = 1_000;

/**
 * Storage for `oidc-provider`. Keeps grants, sessions, codes and refresh tokens in memory, and clients in the given
 * adapter. The store outlives each Provider, so that key rotation signs nobody out.
 */
export class OidcStore {
  readonly #models: Map<string, Adapter>;

  constructor(clients: Adapter) {
    this.#models = new Map<string, Adapter>([
      ['Client', clients],
      ['RefreshToken', new RefreshTokens()],
    ]);
  }

  /** Adapter factory for the configuration of a Provider. */
  readonly adapterFor = (name: string): Adapter => {
    const model = this.#models.get(name) ?? new MemoryModel();
    this.#models.set(name, model);
    return model;
  };
}

/** Limited number of records of one kind. */
export class MemoryModel implements Adapter {
  protected readonly records = new LRUCache<string, AdapterPayload>({ max: MAX_RECORDS });

  /** @param expiresIn seconds; undefined keeps the record */
  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    this.records.set(id, payload, expiresIn === undefined ? {} : { ttl: expiresIn * 1000 });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.records.get(id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.records.find((payload) => payload.uid === uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.records.find((payload) => payload.userCode === userCode);
  }

  async consume(id: string): Promise<void> {
    const payload = this.records.get(id);
    if (payload) payload.consumed ??= now();
  }

  async destroy(id: string): Promise<void> {
    this.records.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    const granted = [...this.records.entries()].filter(([, payload]) => payload.grantId === grantId);
    for (const [id] of granted) this.records.delete(id);
  }
}

/**
 * Refresh tokens that may be used again for a short time after their replacement, because clients refresh in parallel or
 * lose a response. Later use counts as theft, and `oidc-provider` then revokes the whole grant.
 */
class RefreshTokens extends MemoryModel {
  override async find(id: string): Promise<AdapterPayload | undefined> {
    const token = await super.find(id);
    const isRecent = typeof token?.consumed === 'number' && now() - token.consumed < REFRESH_GRACE_SECONDS;
    return isRecent ? { ...token, consumed: undefined } : token;
  }
}

/** Seconds since the epoch. */
const now = (): number => Math.floor(Date.now() / 1000);
