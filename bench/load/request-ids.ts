/** Id in prepared bodies. Each id that takes its place has as many digits. */
export const ID_TO_REPLACE = 1_000_000_000;

const MEMBER = '"id":';
const ID_IN_BODY = new RegExp(`${MEMBER}${ID_TO_REPLACE}\\b`, 'g');
let lastId = ID_TO_REPLACE;

/** Gives each message of a body an id that no other request of this process has, as MCP requires within a session. */
export const withNewIds = (body: string): string => body.replaceAll(ID_IN_BODY, () => `${MEMBER}${++lastId}`);

/** Bytes of a request, whose messages get new ids each time. */
export class PreparedRequest {
  readonly #positions: readonly number[];

  constructor(private readonly bytes: Buffer) {
    this.#positions = [...bytes.toString('latin1').matchAll(ID_IN_BODY)].map(
      ({ index }) => index + MEMBER.length,
    );
  }

  /** Returns a copy, because the socket may still hold an earlier one. */
  next(): Buffer {
    const bytes = Buffer.from(this.bytes);
    for (const position of this.#positions) bytes.write(String(++lastId), position, 'latin1');
    return bytes;
  }
}
