import { LRUCache } from 'lru-cache';
import type { Adapter, AdapterPayload } from 'oidc-provider';

/** How long a refresh token that has been replaced may be used again. */
const REFRESH_GRACE_SECONDS = 30;

/** Of each kind. Any page in a browser on this machine can make records; the least recently used give way. */
export const MOST_RECORDS = 1_000;

/**
 * What `oidc-provider` must remember: grants, sessions, codes and refresh tokens in memory, clients where it is
 * told. It outlives any one Provider, so that rotating the keys signs nobody out.
 */
export class OidcStore {
  readonly #models: Map<string, Adapter>;

  constructor(clients: Adapter) {
    this.#models = new Map<string, Adapter>([
      ['Client', clients],
      ['RefreshToken', new RefreshTokens()],
    ]);
  }

  /** The adapter factory to configure a Provider with. */
  readonly adapterFor = (name: string): Adapter => {
    const model = this.#models.get(name) ?? new MemoryModel();
    this.#models.set(name, model);
    return model;
  };
}

/** The records of one kind, bounded in number. */
export class MemoryModel implements Adapter {
  protected readonly records = new LRUCache<string, AdapterPayload>({ max: MOST_RECORDS });

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
 * Refresh tokens, which may be used again shortly after they were replaced: clients refresh in parallel, or lose the
 * answer. Later use counts as theft, and `oidc-provider` then revokes the whole grant.
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
