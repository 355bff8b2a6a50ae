import type { PostgresServer } from './postgres-server.js';
import { asUnavailable, type DatabaseUnavailableError } from './unavailable.js';

/** Interval and timeout of the checks. */
const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 2_000;

/** Receives the outcomes of checks. */
export interface CheckOutcomes {
  /** Called when the server has answered, and accepts the key. */
  accepted(): void;
  /** Called when the server has answered, but does not accept the key. No check follows. */
  refused(): void;
  /** Called when the server has not answered in time, or has refused the check. */
  failed(error: DatabaseUnavailableError): void;
}

/** Checks a server again and again in the background, so that nobody who asks for its state waits for it. */
export class ServerChecks {
  #hasEnded = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: Pick<PostgresServer, 'look'>,
    private readonly outcomes: CheckOutcomes,
  ) {
    this.#checkLater();
  }

  /** Ends the checks. The outcome of a running check is dropped, because the server is no longer in use. */
  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  #checkLater(): void {
    this.#timer = setTimeout(() => void this.#check(), INTERVAL_MS).unref();
  }

  async #check(): Promise<void> {
    let isSettled = false;
    const onTimeout = (): void => {
      if (!isSettled) this.#failed(`no answer within ${TIMEOUT_MS} ms`);
    };
    // An answer that has arrived is read before an immediate runs, so a busy process does not count as a hung server.
    const timer = setTimeout(() => setImmediate(onTimeout), TIMEOUT_MS).unref();
    try {
      this.#answered(await this.server.look());
    } catch (error) {
      this.#failed(error);
    }
    isSettled = true;
    clearTimeout(timer);
    if (!this.#hasEnded) this.#checkLater();
  }

  #answered(isAccepted: boolean): void {
    if (this.#hasEnded) return;
    if (isAccepted) return this.outcomes.accepted();
    this.end();
    this.outcomes.refused();
  }

  #failed(error: unknown): void {
    if (!this.#hasEnded) this.outcomes.failed(asUnavailable(error));
  }
}
