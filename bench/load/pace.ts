import { type Exchange, isRight } from '../exchange.js';
import { RawConnection, requestBytes } from './raw-connection.js';
import { PreparedRequest } from './request-ids.js';

/** Rate and duration of the load. */
export interface Pace {
  readonly connections: number;
  /** Requests per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Ends the load at once. */
  readonly signal?: AbortSignal;
}

/**
 * Sends requests at fixed times, without waiting for earlier responses. Measures each latency from the time at which
 * the request was due, so that a stall counts for every request that it delays.
 *
 * Autocannon cannot do this: it sends each second's requests at once and then waits for the next second.
 *
 * @param exchanges sent in turn
 * @returns latency of each request in milliseconds
 * @throws {Error} if any response is wrong
 */
export async function pace(url: string, exchanges: readonly Exchange[], given: Pace): Promise<number[]> {
  const connections = await Promise.all(
    Array.from({ length: given.connections }, () => RawConnection.open(url)),
  );
  try {
    return await send(url, exchanges, connections, given);
  } finally {
    connections.forEach((connection) => connection.close());
  }
}

function send(
  url: string,
  exchanges: readonly Exchange[],
  connections: readonly RawConnection[],
  { rate, seconds, signal }: Pace,
): Promise<number[]> {
  const requests = exchanges.map((exchange) => ({
    exchange,
    prepared: new PreparedRequest(requestBytes(url, exchange)),
  }));
  const idle = [...connections];
  const latencies: number[] = [];
  const total = Math.floor(rate * seconds);
  return new Promise((resolve, reject) => {
    const start = performance.now();
    /** Number of requests that are due, and of those that have been sent. */
    let due = 0;
    let sent = 0;
    let failed = false;
    const fail = (error: Error): void => {
      failed = true;
      reject(error);
    };
    const onAbort = (): void => fail(new Error('The load was aborted.'));
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    const dispatch = (): void => {
      // The one that was idle longest: a server closes connections that are never used.
      const connection = sent < due ? idle.shift() : undefined;
      if (!connection) return;
      const request = requests[sent % requests.length];
      if (!request) throw new Error('Nothing to send.');
      const dueAt = start + (sent++ * 1000) / rate;
      connection.ask(
        request.prepared.next(),
        ({ status, body }) => {
          latencies.push(performance.now() - dueAt);
          if (!isRight(status, body, request.exchange)) {
            fail(new Error(`${url}: HTTP ${status}: ${body.slice(0, 500)}`));
            return;
          }
          idle.push(connection);
          if (latencies.length === total) resolve(latencies);
          else dispatch();
        },
        fail,
      );
      dispatch();
    };
    // This process has its own core, and a busy loop is more precise than a timer of one millisecond.
    const next = (): void => {
      due = Math.min(total, Math.ceil(((performance.now() - start) * rate) / 1000));
      dispatch();
      if (due < total && !failed) setImmediate(next);
    };
    next();
  });
}
