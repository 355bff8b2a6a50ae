import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** Maximum number of remembered requests, so that memory stays bounded. No test makes as many requests. */
const MAX_REMEMBERED_REQUESTS = 1_000;

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** HTTP server that can be closed and reopened on the same port. */
export class IssuerServer {
  readonly #server = createServer();
  readonly #requests: string[] = [];
  readonly #host: string;
  #port = 0;

  /** @param host the address to listen on */
  constructor(host: string) {
    this.#host = host;
  }

  /** Port; 0 before the first listen. */
  get port(): number {
    return this.#port;
  }

  /** "METHOD /path" of the latest requests, oldest first. */
  get requests(): readonly string[] {
    return this.#requests;
  }

  serve(handler: Handler): void {
    this.#server.on('request', (req, res) => {
      this.#remember(req);
      void handler(req, res);
    });
  }

  /** Listens on a port; 0 selects a free port. Rejects if the port is in use. Does nothing if already listening. */
  async listen(port: number): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(port, this.#host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address && typeof address === 'object') this.#port = address.port;
  }

  /** Stops listening and destroys open connections. Does nothing if not listening. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #remember({ method, url }: IncomingMessage): void {
    this.#requests.push(`${method} ${url?.split('?')[0]}`);
    if (this.#requests.length > MAX_REMEMBERED_REQUESTS) this.#requests.shift();
  }
}
