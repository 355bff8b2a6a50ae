import type { ServerResponse } from 'node:http';

import type { HeldBytes, ResponseAccount } from '../../limits/byte-budget.js';

/** Last part of a timeout, which begins anew after this process was busy or suspended for longer than the rest. */
const LAST_STEP_MS = 2_000;

/** Writes to an event stream, and charges the caller for unread bytes. */
export interface StreamWriter {
  /** Whether a notification may be written. */
  accepts(text: string): boolean;
  write(text: string): void;
}

/**
 * Writes to the stream that answers a request. Refuses notifications beyond the budget of the caller, but no responses:
 * the end of the request decides how long the client may leave them unread.
 */
export class AnswerWriter implements StreamWriter {
  constructor(
    private readonly response: ServerResponse,
    private readonly account: ResponseAccount,
  ) {
    response.once('close', () => account.holdUnread(0));
  }

  accepts(text: string): boolean {
    return this.account.holdUnread(this.response.writableLength + text.length);
  }

  write(text: string): void {
    const { response, account } = this;
    response.write(text, () => {
      if (!response.closed) account.holdUnread(response.writableLength);
    });
  }
}

/**
 * Writes to a stream that outlives its request, and charges the caller for unread bytes. Closes the connection when the budget of the caller is
 * exceeded, or when the client reads nothing for too long.
 */
export class UnreadBytes implements StreamWriter {
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout maximum time for which the client may leave data unread, milliseconds */
  constructor(
    private readonly response: ServerResponse,
    private readonly held: HeldBytes,
    private readonly timeout: number,
  ) {
    response.once('close', () => this.#release());
  }

  accepts(): boolean {
    return true;
  }

  write(text: string): void {
    const { response } = this;
    if (response.destroyed || response.writableEnded) return;
    response.write(text, () => this.#count(true));
    this.#count(false);
  }

  /** @param hasRead whether the client has just read data */
  #count(hasRead: boolean): void {
    const { response, held } = this;
    if (response.closed) return;
    const unread = response.writableLength;
    if (held.resize(unread) !== undefined) {
      response.destroy();
      return;
    }
    if (hasRead || unread === 0) this.#stopTimer();
    if (unread > 0) this.#timer ??= this.#startTimer();
  }

  /**
   * Closes the connection after the timeout. In two steps, because a timer runs before data is sent that the client has
   * made room for while this process was busy or suspended.
   */
  #startTimer(): NodeJS.Timeout {
    const last = Math.min(LAST_STEP_MS, this.timeout / 2);
    const close = (): void => void this.response.destroy();
    return setTimeout(() => {
      this.#timer = setTimeout(close, last).unref();
    }, this.timeout - last).unref();
  }

  #release(): void {
    this.#stopTimer();
    this.held.release();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
