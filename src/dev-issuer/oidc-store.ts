import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { RegisteredClients } from './registered-clients.js';

interface StoredRecord {
  readonly payload: AdapterPayload;
  readonly expiresAt: number;
}

/**
 * What `oidc-provider` must remember: grants, sessions, codes and refresh tokens in memory, clients in
 * {@link RegisteredClients}. It outlives any one Provider, so that rotating the keys signs nobody out.
 */
export class OidcStore {
  readonly #models = new Map<string, MemoryModel>();
  readonly #clients: ClientModel;

  constructor(clients: RegisteredClients) {
    this.#clients = new ClientModel(clients);
  }

  /** The adapter factory to configure a Provider with. */
  readonly adapterFor = (model: string): Adapter => {
    if (model === 'Client') return this.#clients;
    const existing = this.#models.get(model);
    if (existing) return existing;
    const created = new MemoryModel();
    this.#models.set(model, created);
    return created;
  };
}

class MemoryModel implements Adapter {
  readonly #records = new Map<string, StoredRecord>();

  upsert(id: string, payload: AdapterPayload, expiresIn = Infinity): Promise<void> {
    this.#forgetWhere(({ expiresAt }) => expiresAt <= Date.now());
    this.#records.set(id, { payload, expiresAt: Date.now() + expiresIn * 1000 });
    return Promise.resolve();
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.#live(id)?.payload);
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.#findWhere((payload) => payload.uid === uid));
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.#findWhere((payload) => payload.userCode === userCode));
  }

  consume(id: string): Promise<void> {
    const record = this.#live(id);
    if (record) record.payload.consumed = Math.floor(Date.now() / 1000);
    return Promise.resolve();
  }

  destroy(id: string): Promise<void> {
    this.#records.delete(id);
    return Promise.resolve();
  }

  revokeByGrantId(grantId: string): Promise<void> {
    this.#forgetWhere(({ payload }) => payload.grantId === grantId);
    return Promise.resolve();
  }

  #live(id: string): StoredRecord | undefined {
    const record = this.#records.get(id);
    return record && record.expiresAt > Date.now() ? record : undefined;
  }

  #findWhere(matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [id, { payload }] of this.#records) {
      if (matches(payload) && this.#live(id)) return payload;
    }
    return undefined;
  }

  #forgetWhere(matches: (record: StoredRecord) => boolean): void {
    for (const [id, record] of this.#records) {
      if (matches(record)) this.#records.delete(id);
    }
  }
}

class ClientModel implements Adapter {
  readonly #clients: RegisteredClients;

  constructor(clients: RegisteredClients) {
    this.#clients = clients;
  }

  upsert(id: string, payload: AdapterPayload): Promise<void> {
    return this.#clients.save(id, payload);
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.#clients.find(id));
  }

  destroy(id: string): Promise<void> {
    return this.#clients.delete(id);
  }

  findByUid(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  consume(): Promise<void> {
    return Promise.resolve();
  }

  revokeByGrantId(): Promise<void> {
    return Promise.resolve();
  }
}
