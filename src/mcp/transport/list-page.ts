import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

/** Longest page of a list. Long enough that nobody who does not ask for a second page misses anything usual. */
const PAGE = 1_000;

/** One page of a list, and what to ask for the next with. */
export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor?: string;
}

/**
 * One page of a list (MCP specification, pagination).
 *
 * @param items sorted by their key
 * @param keyOf what is unique to an item
 * @param cursor what the page before gave
 * @throws {ProtocolError} `-32602` with a cursor that is none
 */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  cursor: string | undefined,
  size = PAGE,
): Page<Item> {
  const after = cursor === undefined ? undefined : keyFrom(cursor);
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  if (rest.length <= size || last === undefined) return { items: page };
  return { items: page, nextCursor: Buffer.from(JSON.stringify(keyOf(last))).toString('base64url') };
}

function keyFrom(cursor: string): string {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof key === 'string') return key;
  } catch {
    // Answered below.
  }
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'The cursor is not one of this list.');
}
