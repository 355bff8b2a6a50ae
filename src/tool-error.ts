/**
 * Error whose message the model reads: it becomes the tool's result, with `isError`.
 *
 * Write the message for the model: the problem and the next step. Any other error reaches the caller only as a generic
 * message with a correlation id.
 */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
