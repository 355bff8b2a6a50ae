/** Chunks below this size count as small. */
const SMALL_BYTES = 64;

const BLOCK_BYTES = 4 * 1024;

export const isSmall = (chunk: unknown): chunk is Uint8Array =>
  chunk instanceof Uint8Array && chunk.length < SMALL_BYTES;

/**
 * Combines small chunks of a body that nobody reads yet. Node keeps such a body up to 64 KB, and takes some 150 bytes
 * of memory for each chunk. With chunks of one byte, that is 10 MB for each connection.
 */
export class SmallChunks {
  #block: Buffer | undefined;
  #length = 0;

  /** @param push gets the combined chunks */
  constructor(private readonly push: (block: Buffer) => void) {}

  /** Adds a chunk. Returns false, so that Node stops reading until somebody reads the body. */
  add(chunk: Uint8Array): false {
    if (this.#length + chunk.length > BLOCK_BYTES) this.flush();
    // Node runs the next tick after each chunk, but immediates only after all chunks of one read from the socket.
    if (this.#length === 0) setImmediate(() => this.flush());
    this.#block ??= Buffer.allocUnsafe(BLOCK_BYTES);
    this.#block.set(chunk, this.#length);
    this.#length += chunk.length;
    return false;
  }

  /** Passes on the chunks added so far. */
  flush(): void {
    if (!this.#block || this.#length === 0) return;
    const block = Buffer.from(this.#block.subarray(0, this.#length));
    this.#length = 0;
    this.push(block);
  }
}
