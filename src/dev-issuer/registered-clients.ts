import type { AdapterPayload } from 'oidc-provider';
import { z } from 'zod';
import type { StateDirectory } from './state-directory.js';

const CLIENTS_FILE = 'clients.json';

const clientsSchema = z.record(z.string(), z.looseObject({ client_id: z.string() }));

/** Dynamically registered clients (RFC 7591), kept over restarts where there is a folder for them. */
export class RegisteredClients {
  readonly #clients: Map<string, AdapterPayload>;
  readonly #directory: StateDirectory | undefined;
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(clients: Map<string, AdapterPayload>, directory: StateDirectory | undefined) {
    this.#clients = clients;
    this.#directory = directory;
  }

  /** Reads the clients of earlier runs. */
  static async load(directory: StateDirectory | undefined): Promise<RegisteredClients> {
    const kept = await directory?.read(CLIENTS_FILE, clientsSchema);
    return new RegisteredClients(new Map<string, AdapterPayload>(Object.entries(kept ?? {})), directory);
  }

  find(clientId: string): AdapterPayload | undefined {
    return this.#clients.get(clientId);
  }

  async save(clientId: string, metadata: AdapterPayload): Promise<void> {
    this.#clients.set(clientId, metadata);
    await this.#persist();
  }

  async delete(clientId: string): Promise<void> {
    this.#clients.delete(clientId);
    await this.#persist();
  }

  /** One write after the other, so that the file always ends with the newest state. */
  async #persist(): Promise<void> {
    const write = async () => this.#directory?.replace(CLIENTS_FILE, Object.fromEntries(this.#clients));
    this.#lastWrite = this.#lastWrite.then(write, write);
    await this.#lastWrite;
  }
}
