/** What a request does, as the place that it takes knows it. */
export interface Work {
  /** Whether a handler of the request runs, be its caller still there or not. */
  readonly isRunning: boolean;
  /** A handler begins. Call the result once it has settled. */
  begin(): () => void;
  /**
   * A call of the request waits for its client, and gives its place back until then.
   *
   * @throws {JsonRpcError} 429 or 503 when too many calls wait already
   */
  pause(): void;
  /**
   * A call that has waited goes on.
   *
   * @throws {JsonRpcError} 429 or 503 when there is no place; then it still waits
   */
  resume(): void;
}
