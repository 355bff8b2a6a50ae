import { z } from 'zod';

import { ToolError } from '../../mcp/index.js';

/** Where a page ended: the last todo on it. */
export interface PagePosition {
  readonly createdAt: Date;
  readonly id: string;
}

const positionOf = z.tuple([z.iso.datetime().transform((text) => new Date(text)), z.uuid()]);

/** A position as text that a model hands back as it is. */
export function toCursor({ createdAt, id }: PagePosition): string {
  return Buffer.from(`${createdAt.toISOString()} ${id}`).toString('base64url');
}

/** @throws {ToolError} when the text is no cursor */
export function fromCursor(cursor: string): PagePosition {
  const parsed = positionOf.safeParse(Buffer.from(cursor, 'base64url').toString().split(' '));
  if (!parsed.success) {
    throw new ToolError('This cursor is none that list_todos gave. Call it without one to begin anew.');
  }
  const [createdAt, id] = parsed.data;
  return { createdAt, id };
}
