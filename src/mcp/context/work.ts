/** What a request does, as the place that it takes knows it. */
export interface Work {
  /** Whether a handler of the request runs, be its caller still there or not. */
  readonly isRunning: boolean;
  /** A handler begins. Call the result once it has settled. */
  begin(): () => void;
}
