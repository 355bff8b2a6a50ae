/**
 * A failure that the model should read: its message becomes the tool's result, with `isError`.
 *
 * Write it for the model: what went wrong and what it could do instead. Any other error that leaves a tool
 * reaches the caller only as a safe sentence with a correlation id.
 */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
