import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** So that an issuer that runs for days does not grow without end; no test makes as many requests. */
const REMEMBERED_REQUESTS = 1_000;

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** An HTTP server that can be closed and reopened on the same port. */
export class IssuerServer {
  readonly #server = createServer();
  readonly #requests: string[] = [];
  readonly #host: string;
  #port = 0;

  /** @param host the address to listen on */
  constructor(host: string) {
    this.#host = host;
  }

  /** The port, known once it has listened. */
  get port(): number {
    return this.#port;
  }

  /** "METHOD /path" of the requests so far, oldest first. */
  get requests(): readonly string[] {
    return this.#requests;
  }

  serve(handler: Handler): void {
    this.#server.on('request', (req, res) => {
      this.#remember(req);
      void handler(req, res);
    });
  }

  /** Listens on the port, or on any free one for 0. Rejects where the port is taken; does nothing if it listens. */
  async listen(port: number): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(port, this.#host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address && typeof address === 'object') this.#port = address.port;
  }

  /** Stops listening and destroys open connections; does nothing if it does not listen. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #remember({ method, url }: IncomingMessage): void {
    this.#requests.push(`${method} ${url?.split('?')[0]}`);
    if (this.#requests.length > REMEMBERED_REQUESTS) this.#requests.shift();
  }
}
