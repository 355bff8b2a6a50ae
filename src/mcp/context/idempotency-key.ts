import { ToolError } from '../../tool-error.js';

/** Member of `_meta`. MCP has no name for it yet. */
export const IDEMPOTENCY_KEY = 'aerie/idempotency-key';

const MAX_LENGTH = 255;

/** @throws {ToolError} when the key is invalid, because the client relies on it */
export function idempotencyKeyIn(meta: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const key = meta?.[IDEMPOTENCY_KEY];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && key.length > 0 && key.length <= MAX_LENGTH && !key.includes('\0'))
    return key;
  throw new ToolError(`_meta["${IDEMPOTENCY_KEY}"] must be a text of 1 to ${MAX_LENGTH} characters.`);
}
