/** Lets callers that arrive while an operation runs share its promise. A later one begins the operation again. */
export function whilePending<Value>(begin: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined;
  return () => {
    running ??= begin().finally(() => {
      running = undefined;
    });
    return running;
  };
}
