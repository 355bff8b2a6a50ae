import type { AdapterPayload } from 'oidc-provider';
import { z } from 'zod';
import { MemoryModel, MAX_RECORDS } from './oidc-store.js';
import type { StateDirectory } from './state-directory.js';

const CLIENTS_FILE = 'clients.json';
/** Changes since the last write of the clients file, one per line. */
const JOURNAL_FILE = 'clients.journal';

const clientSchema = z.looseObject({ client_id: z.string() });
const clientsSchema = z.record(z.string(), clientSchema);
/** Registered client, or a removed client if `client` is missing. */
const changeSchema = z.object({ id: z.string(), client: clientSchema.optional() });

/**
 * Dynamically registered clients (RFC 7591), kept across restarts if a state directory is given. A new client evicts the
 * least recently used one.
 *
 * Each change appends a line to a journal. Writing all clients for each change would cost more with each client, so the
 * clients file is rewritten only when the journal has as many changes as the maximum number of clients.
 */
export class RegisteredClients extends MemoryModel {
  readonly #directory: StateDirectory | undefined;
  #lastWrite: Promise<void> = Promise.resolve();
  #changes = 0;
  /** Whether the journal may end with a part of a line. Nothing may follow it. */
  #isTorn = false;

  private constructor(directory: StateDirectory | undefined) {
    super();
    this.#directory = directory;
  }

  /** Reads the clients of earlier runs. */
  static async load(directory: StateDirectory | undefined): Promise<RegisteredClients> {
    const clients = new RegisteredClients(directory);
    if (directory) await clients.#read(directory);
    return clients;
  }

  override async upsert(id: string, client: AdapterPayload): Promise<void> {
    const evicted = this.#evictedBy(id);
    await super.upsert(id, client);
    if (evicted !== undefined) await this.#record({ id: evicted });
    await this.#record({ id, client });
  }

  override async destroy(id: string): Promise<void> {
    await super.destroy(id);
    await this.#record({ id });
  }

  /** Returns the client that a new one evicts. It must be recorded, because the order of use is lost on a restart. */
  #evictedBy(id: string): string | undefined {
    const { size, max } = this.records;
    if (size < max || this.records.has(id)) return undefined;
    const oldest = this.records.rkeys().next();
    return oldest.done ? undefined : oldest.value;
  }

  async #read(directory: StateDirectory): Promise<void> {
    const kept = (await directory.read(CLIENTS_FILE, clientsSchema)) ?? {};
    for (const [id, client] of Object.entries(kept)) this.records.set(id, client);
    const changes = await directory.readLines(JOURNAL_FILE, changeSchema);
    for (const { id, client } of changes ?? []) {
      if (client) this.records.set(id, client);
      else this.records.delete(id);
    }
    if (changes) await this.#compact(directory);
  }

  /** Records a change. Writes run in sequence, so that the files always end with the newest state. */
  async #record(change: { id: string; client?: AdapterPayload }): Promise<void> {
    const directory = this.#directory;
    if (!directory) return;
    const write = async (): Promise<void> => {
      this.#changes += 1;
      if (this.#isTorn || this.#changes >= MAX_RECORDS) return this.#compact(directory);
      this.#isTorn = true;
      await directory.append(JOURNAL_FILE, change);
      this.#isTorn = false;
    };
    this.#lastWrite = this.#lastWrite.then(write, write);
    await this.#lastWrite;
  }

  /** Writes all clients, least recently used first, and then removes the journal. Replaying the journal is harmless. */
  async #compact(directory: StateDirectory): Promise<void> {
    await directory.replace(CLIENTS_FILE, Object.fromEntries(this.records.rentries()));
    await directory.remove(JOURNAL_FILE);
    this.#changes = 0;
    this.#isTorn = false;
  }
}
