/** Progress of a request whose client asked for it. */
export interface Progress {
  /** Token with which the client recognizes it. */
  readonly token: string | number;
  /** Last value that the client was told. */
  last: number;
}

const known = new WeakMap<AbortSignal, Progress>();

/**
 * Returns the progress of a request; undefined if its client asked for none. In a session, all rounds of a call belong to
 * one request, whose progress must increase over all of them (MCP 2025-11-25, Progress).
 *
 * @param request signal of the request
 */
export function progressOf(request: AbortSignal, token: string | number | undefined): Progress | undefined {
  if (token === undefined) return undefined;
  let progress = known.get(request);
  if (!progress) known.set(request, (progress = { token, last: -Infinity }));
  return progress;
}
