/** Runs the handler of a call, such as within a span. Must call it exactly once, and return its result. */
export type HandlerSpan = <Result>(handler: () => Promise<Result>) => Promise<Result>;

let handlerSpan: HandlerSpan | undefined;

/** Runs all handlers of this process within the span. Returns a function that ends it. */
export function spanHandlers(span: HandlerSpan): () => void {
  handlerSpan = span;
  return () => {
    if (handlerSpan === span) handlerSpan = undefined; // another telemetry of the process may have its own
  };
}

/** Runs a handler, within a span while handlers have one. */
export const runHandler = <Result>(handler: () => Promise<Result>): Promise<Result> =>
  handlerSpan ? handlerSpan(handler) : handler();
