import type { AdapterPayload } from 'oidc-provider';
import { z } from 'zod';
import { MemoryModel } from './oidc-store.js';
import type { StateDirectory } from './state-directory.js';

const CLIENTS_FILE = 'clients.json';

const clientsSchema = z.record(z.string(), z.looseObject({ client_id: z.string() }));

/** Dynamically registered clients (RFC 7591), kept over restarts where there is a folder for them. */
export class RegisteredClients extends MemoryModel {
  readonly #directory: StateDirectory | undefined;
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(directory: StateDirectory | undefined, kept: Record<string, AdapterPayload>) {
    super();
    this.#directory = directory;
    for (const [id, client] of Object.entries(kept)) this.records.set(id, client);
  }

  /** Reads the clients of earlier runs. */
  static async load(directory: StateDirectory | undefined): Promise<RegisteredClients> {
    return new RegisteredClients(directory, (await directory?.read(CLIENTS_FILE, clientsSchema)) ?? {});
  }

  override async upsert(id: string, client: AdapterPayload): Promise<void> {
    await super.upsert(id, client);
    await this.#persist();
  }

  override async destroy(id: string): Promise<void> {
    await super.destroy(id);
    await this.#persist();
  }

  /** One write after the other, so that the file always ends with the newest state; the longest unused first. */
  async #persist(): Promise<void> {
    const write = async () =>
      this.#directory?.replace(CLIENTS_FILE, Object.fromEntries(this.records.rentries()));
    this.#lastWrite = this.#lastWrite.then(write, write);
    await this.#lastWrite;
  }
}
