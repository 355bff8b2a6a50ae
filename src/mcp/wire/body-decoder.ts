/** Minimum size of a chunk that is decoded by itself. Smaller chunks are combined first. */
const BLOCK_BYTES = 16 * 1024;

/** Chunks below this size count as small. Their number is limited, because each takes microseconds to receive. */
const SMALL_BYTES = 64;
const MAX_SMALL_CHUNKS = 10_000;

/** Thrown when a body arrives in too many small chunks. */
export class TooManyChunks extends Error {
  override readonly name = 'TooManyChunks';
}

/**
 * Decodes a UTF-8 body that arrives in chunks. Memory is proportional to the size of the body, not to the number of
 * chunks. Appending chunks of one byte to a string would take 30 times as much.
 */
export class BodyDecoder {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #isFirst = true;
  #block: Buffer | undefined;
  #length = 0;
  #smallChunks = 0;

  /** @param pay called with the size of each chunk before the chunk is kept; throws to stop reading */
  constructor(private readonly pay?: (bytes: number) => void) {}

  /**
   * Adds a chunk. Returns the text decoded so far, which may be empty.
   *
   * @throws {TooManyChunks}
   * @throws {TypeError} when the chunks are not valid UTF-8
   */
  write(chunk: Uint8Array): string {
    if (chunk.length < SMALL_BYTES && ++this.#smallChunks > MAX_SMALL_CHUNKS) throw new TooManyChunks();
    this.pay?.(chunk.length);
    const isAlone = this.#isFirst || chunk.length >= BLOCK_BYTES;
    this.#isFirst = false; // nearly all bodies are one chunk: do not copy it
    const text = isAlone || this.#length + chunk.length > BLOCK_BYTES ? this.#flush() : '';
    if (isAlone) return text + this.#decode(chunk);
    this.#block ??= Buffer.allocUnsafe(BLOCK_BYTES);
    this.#block.set(chunk, this.#length);
    this.#length += chunk.length;
    return text;
  }

  /**
   * Returns the rest of the text.
   *
   * @throws {TypeError} when the body ends within a character
   */
  end(): string {
    return this.#flush() + this.#decoder.decode();
  }

  #flush(): string {
    const length = this.#length;
    if (!this.#block || length === 0) return '';
    this.#length = 0;
    return this.#decode(this.#block.subarray(0, length));
  }

  #decode(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }
}
