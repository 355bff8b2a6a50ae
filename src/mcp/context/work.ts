import type { ResponseAccount } from '../../limits/byte-budget.js';

/** Work of a request, as seen by the limits on concurrent requests and on memory. */
export interface Work extends ResponseAccount {
  /** Whether a handler of the request is running, even if its caller has disconnected. */
  readonly isRunning: boolean;
  /** Marks the start of a handler. Call the returned function when the handler settles. */
  begin(): () => void;
  /**
   * Frees the place of a call while it waits for its client.
   *
   * @throws {JsonRpcError} 429 or 503 when too many calls are waiting already
   */
  pause(): void;
  /**
   * Takes a place again for a call that was waiting.
   *
   * @throws {JsonRpcError} 429 or 503 when no place is free; the call then keeps waiting
   */
  resume(): void;
  /** Frees the place of a call that was waiting and will not resume. */
  stopWaiting(): void;
}
