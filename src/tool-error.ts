import type { Reason } from './logging/reason.js';

/**
 * Error whose message the model reads: it becomes the tool's result, with `isError`.
 *
 * Write the message for the model: the problem and the next step. Any other error reaches the caller only as a generic
 * message with a correlation id.
 */
export class ToolError extends Error {
  override readonly name: string = 'ToolError';
}

/** {@link ToolError} with a reason of its own in the log and the metrics, because operators must act. */
export class OutageError extends ToolError {
  override readonly name = 'OutageError';

  /** @param cause explanation for the log */
  constructor(
    message: string,
    readonly reason: Extract<Reason, `database:${string}` | `upstream:${string}`>,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}
