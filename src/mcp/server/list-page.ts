import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

/** Default size of a page, large enough for clients that request only the first page. */
const DEFAULT_PAGE_SIZE = 1_000;

/** Page of a list, and the cursor of the next page. */
export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor?: string;
}

/**
 * Returns one page of a list (MCP specification, pagination).
 *
 * @param items items in the order of their keys
 * @param keyOf returns the unique key of an item
 * @param cursor `nextCursor` of the previous page
 * @throws {ProtocolError} `-32602` for an invalid cursor
 */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  cursor: string | undefined,
  size = DEFAULT_PAGE_SIZE,
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
    // Falls through to the error.
  }
  const text = 'Invalid cursor. Use nextCursor from the previous page, or omit it to start over.';
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
}
