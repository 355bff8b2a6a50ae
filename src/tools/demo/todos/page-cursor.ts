import { z } from 'zod';

import { ToolError } from '../../../mcp/index.js';

/** Position of the last todo on a page. */
export interface PagePosition {
  readonly createdAt: Date;
  readonly id: string;
}

const positionOf = z.tuple([z.iso.datetime().transform((text) => new Date(text)), z.uuid()]);

/** Encodes a position as an opaque string for the model. */
export function toCursor({ createdAt, id }: PagePosition): string {
  return Buffer.from(`${createdAt.toISOString()} ${id}`).toString('base64url');
}

/**
 * Decodes a cursor.
 *
 * @throws {ToolError} when the cursor is invalid
 */
export function fromCursor(cursor: string): PagePosition {
  const parsed = positionOf.safeParse(Buffer.from(cursor, 'base64url').toString().split(' '));
  if (!parsed.success) {
    throw new ToolError('Invalid cursor. Use nextCursor from list_todos, or omit it to start over.');
  }
  const [createdAt, id] = parsed.data;
  return { createdAt, id };
}
