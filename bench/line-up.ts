import { type Case, LIST, TOOLS } from './cases.js';
import type { Exchange } from './exchange.js';
import { alike } from './load/flood.js';
import type { Pinning } from './pinning.js';
import { RunningServer } from './running-server.js';
import { countTools, introduce, send } from './session.js';

/** Case whose server runs and answers correctly. */
export interface ReadyCase extends Case {
  readonly running: RunningServer;
  readonly exchange: Exchange;
  /** Exchanges of each connection: the same, except that each has a session of its own if the server opens sessions. */
  readonly connections: readonly [Exchange][];
}

/** Running servers of a benchmark. */
export class LineUp {
  readonly #servers = new Map<string, RunningServer>();

  constructor(
    private readonly token: string,
    private readonly pinning: Pinning | undefined,
    private readonly connections: number,
  ) {}

  /**
   * Starts the process of a case, unless it already runs, and checks its response. Each operation of a server has a
   * process of its own, because other operations make its code slower. The process serves the operation in both eras.
   *
   * @throws {Error} if the response is wrong
   */
  async prepare(entry: Case): Promise<ReadyCase> {
    const { contestant, era, asked, operation } = entry;
    const process = processOf(entry);
    const running =
      this.#servers.get(process) ??
      (await RunningServer.start(contestant, contestant.isUnpinned ? undefined : this.pinning));
    this.#servers.set(process, running);
    let exchange: Exchange | undefined;
    await running.until(async () => {
      exchange = (await introduce(running.url, era, this.token)).exchange(asked);
      const { body } = await send(running.url, exchange);
      const listed = operation === LIST ? countTools(body) : TOOLS;
      if (listed !== TOOLS) throw new Error(`The server lists ${listed} tools, not ${TOOLS}.`);
    });
    if (!exchange) throw new Error(`${contestant.name} was never asked.`);
    const connections = alike(exchange, this.connections);
    if ('mcp-session-id' in exchange.headers) {
      for (const connection of connections) {
        connection[0] = (await introduce(running.url, era, this.token)).exchange(asked);
      }
    }
    return { ...entry, running, exchange, connections };
  }

  /** Stops the servers of all other cases, because idle servers still collect garbage on the same core. */
  keepOnly(cases: readonly Case[]): void {
    const kept = new Set(cases.map(processOf));
    for (const [process, server] of this.#servers) if (!kept.has(process)) server.stop();
  }

  stop(): void {
    this.#servers.forEach((server) => server.stop());
    this.#servers.clear();
  }
}

/** Name of the process that serves a case. */
export const processOf = ({ server, operation }: Case): string => `${server}, ${operation}`;
