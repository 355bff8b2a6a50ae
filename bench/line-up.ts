import { type Case, LIST, TOOLS } from './cases.js';
import type { Contestant } from './contestant.js';
import type { Exchange } from './exchange.js';
import type { Pinning } from './pinning.js';
import { RunningServer } from './running-server.js';
import { countTools, introduce, send } from './session.js';

/** A case whose server runs, and has been seen to answer it. */
export interface ReadyCase extends Case {
  readonly running: RunningServer;
  readonly exchange: Exchange;
}

/** The servers of a run. */
export class LineUp {
  readonly #servers = new Map<Contestant['name'], RunningServer>();

  constructor(
    private readonly token: string,
    private readonly pinning: Pinning | undefined,
  ) {}

  /**
   * Starts the server of a case, unless it runs already, and sees that it answers with the right result.
   *
   * @throws {Error} where it does not
   */
  async prepare(entry: Case): Promise<ReadyCase> {
    const { contestant, era, asked, operation } = entry;
    const running =
      this.#servers.get(contestant.name) ?? (await RunningServer.start(contestant, this.pinning));
    this.#servers.set(contestant.name, running);
    let exchange: Exchange | undefined;
    await running.until(async () => {
      exchange = (await introduce(running.url, era, this.token)).exchange(asked);
      const { body } = await send(running.url, exchange);
      const listed = countTools(body);
      if (operation === LIST && listed !== TOOLS) throw new Error(`It lists ${listed} tools, not ${TOOLS}.`);
    });
    if (!exchange) throw new Error(`${contestant.name} was never asked.`);
    return { ...entry, running, exchange };
  }

  /** Stops the servers of all other cases: even idle ones take away garbage now and then, on the same core. */
  keepOnly(cases: readonly Case[]): void {
    const kept = new Set(cases.map(({ contestant }) => contestant.name));
    for (const [name, server] of this.#servers) if (!kept.has(name)) server.stop();
  }

  stop(): void {
    this.#servers.forEach((server) => server.stop());
  }
}
