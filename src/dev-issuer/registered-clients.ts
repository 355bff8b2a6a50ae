import type { AdapterPayload } from 'oidc-provider';
import { z } from 'zod';
import { MemoryModel, MOST_RECORDS } from './oidc-store.js';
import type { StateDirectory } from './state-directory.js';

const CLIENTS_FILE = 'clients.json';
/** Changes since the file of clients was written, one on each line. */
const JOURNAL_FILE = 'clients.journal';

const clientSchema = z.looseObject({ client_id: z.string() });
const clientsSchema = z.record(z.string(), clientSchema);
/** A client that registered, or one that is gone. */
const changeSchema = z.object({ id: z.string(), client: clientSchema.optional() });

/**
 * Dynamically registered clients (RFC 7591), kept over restarts where there is a folder for them. The least recently
 * used gives way to a new one.
 *
 * A change appends a line. Writing all clients for each would cost more with each of them, so that is done only when
 * there are as many changes as there may be clients.
 */
export class RegisteredClients extends MemoryModel {
  readonly #directory: StateDirectory | undefined;
  #lastWrite: Promise<void> = Promise.resolve();
  #changes = 0;

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

  /** The client that a new one takes the place of: which was used last is not known after a restart. */
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
    for (const { id, client } of changes) {
      if (client) this.records.set(id, client);
      else this.records.delete(id);
    }
    if (changes.length > 0) await this.#compact(directory);
  }

  /** One write after the other, so that the files always end with the newest state. */
  async #record(change: { id: string; client?: AdapterPayload }): Promise<void> {
    const directory = this.#directory;
    if (!directory) return;
    const write = async (): Promise<void> => {
      await directory.append(JOURNAL_FILE, change);
      this.#changes += 1;
      if (this.#changes >= MOST_RECORDS) await this.#compact(directory);
    };
    this.#lastWrite = this.#lastWrite.then(write, write);
    await this.#lastWrite;
  }

  /** The longest unused client first. The journal goes last: reading it once more changes nothing. */
  async #compact(directory: StateDirectory): Promise<void> {
    await directory.replace(CLIENTS_FILE, Object.fromEntries(this.records.rentries()));
    await directory.remove(JOURNAL_FILE);
    this.#changes = 0;
  }
}
