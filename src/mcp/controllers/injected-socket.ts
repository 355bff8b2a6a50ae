import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** Client of a connection within this process, and the first line of its request. */
export interface InjectedClient {
  readonly address: string;
  /** Whether the client uses TLS, at least up to a trusted proxy. */
  readonly isSecure: boolean;
  /** Maximum size of a response body in bytes. */
  readonly limit: number;
  readonly method: string;
  readonly url: string;
}

/** Writes never ask to wait for `drain`, because a response gets that event from Node's server only. */
const WITHOUT_DRAIN = { writable: true, highWaterMark: Number.MAX_SAFE_INTEGER };

/** The body ends with the connection, except before trailers: Node throws an error for trailers without chunks. */
const CHUNKED_WITH_TRAILERS: PropertyDescriptor & ThisType<ServerResponse> = {
  get() {
    return this.hasHeader('trailer');
  },
  set() {
    // The choice of the application has no effect: chunks are off anyway, except before trailers.
  },
};

type Written = string | Buffer;
type Done = (error?: Error | null) => void;

/**
 * Server's end of a connection within this process, for one request. Keeps the response that Node's own classes write to
 * it, so it does not matter that Express replaces the prototypes of the messages.
 */
export class InjectedSocket extends Socket {
  override readonly remoteAddress: string;
  readonly encrypted: boolean;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the response is larger than the limit. The client has then disconnected. */
  isTooLarge = false;
  readonly #limit: number;
  readonly #body: Buffer[] = [];
  #size = 0;
  #hasHead = false;

  constructor({ address, isSecure, limit, method, url }: InjectedClient) {
    super(WITHOUT_DRAIN);
    this.remoteAddress = address;
    this.encrypted = isSecure;
    this.#limit = limit;
    this.request = new IncomingMessage(this);
    Object.assign(this.request, { method, url }); // the response to HEAD has no body
    this.request.httpVersion = '1.1';
    this.request.httpVersionMajor = 1;
    this.request.httpVersionMinor = 1;
    this.response = new ServerResponse(this.request);
    Object.defineProperty(this.response, 'useChunkedEncodingByDefault', CHUNKED_WITH_TRAILERS);
    this.response.setHeader('Connection', 'close'); // without one, `getHeaders()` lacks those of `writeHead()`
    this.response.assignSocket(this);
    this.on('timeout', disconnectUnheard);
  }

  /** Gives the request its body. */
  receive(body: string | undefined): void {
    if (body !== undefined) this.request.push(body);
    this.request.push(null);
    this.request.complete = true;
  }

  /** Body of the response as far as it is written. */
  get body(): Buffer {
    const body = Buffer.concat(this.#body);
    return this.response.chunkedEncoding ? withoutChunks(body) : body;
  }

  /** Disconnects the client. */
  disconnect(): void {
    this.request.destroy();
    this.response.destroy();
  }

  override _read(): void {}

  override _write(chunk: Written, encoding: BufferEncoding, done: Done): void {
    this.#keep(chunk, encoding);
    done();
  }

  /** Does nothing, so that each write counts towards the limit at once. */
  override cork(): void {}

  /** Drops the error, because nobody listens for errors of the connection. */
  override _destroy(_error: Error | null, done: Done): void {
    super._destroy(null, done);
  }

  #keep(chunk: Written, encoding: BufferEncoding): void {
    const body = this.#hasHead ? chunk : this.#withoutHead(chunk);
    if (body.length === 0 || this.isTooLarge) return;
    const bytes = typeof body === 'string' ? Buffer.from(body, encoding) : body;
    this.#size += bytes.length;
    this.#body.push(bytes);
    if (this.#size <= this.#limit) return;
    this.isTooLarge = true;
    this.#body.length = 0;
    this.disconnect();
  }

  /** Drops the head, which Node writes alone or with the first part of the body. */
  #withoutHead(chunk: Written): Written {
    if (!this.response.headersSent || typeof chunk !== 'string') return ''; // an informational response
    this.#hasHead = true;
    return chunk.slice(chunk.indexOf(HEAD_END) + HEAD_END.length);
  }
}

const HEAD_END = '\r\n\r\n';

/** Disconnects at a timeout of the connection for which the application does not listen, as Node does. */
function disconnectUnheard(this: InjectedSocket): void {
  if (!this.response.emit('timeout', this)) this.disconnect();
}

/** Decodes a body with trailers, or whose `Transfer-Encoding: chunked` the application has set itself. Drops trailers. */
function withoutChunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const start = body.indexOf('\r\n', at) + 2;
    const size = Number.parseInt(body.toString('latin1', at, start), 16);
    parts.push(body.subarray(start, start + size));
    at = size > 0 ? start + size + 2 : body.length;
  }
  return Buffer.concat(parts);
}
