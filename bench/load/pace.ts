import { type Exchange, isRight } from '../exchange.js';
import { RawConnection, requestBytes } from './raw-connection.js';

/** Rate and duration of the load. */
export interface Pace {
  readonly connections: number;
  /** Requests per second. */
  readonly rate: number;
  readonly seconds: number;
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
  { rate, seconds }: Pace,
): Promise<number[]> {
  const requests = exchanges.map((exchange) => ({ exchange, bytes: requestBytes(url, exchange) }));
  let turn = 0;
  const idle = [...connections];
  const waiting: number[] = [];
  const latencies: number[] = [];
  const total = Math.floor(rate * seconds);
  return new Promise((resolve, reject) => {
    let failed = false;
    const fail = (error: Error): void => {
      failed = true;
      reject(error);
    };
    const dispatch = (): void => {
      const [due] = waiting;
      const connection = due === undefined ? undefined : idle.pop();
      if (due === undefined || !connection) return;
      const request = requests[turn++ % requests.length];
      if (!request) throw new Error('Nothing to send.');
      waiting.shift();
      connection.ask(
        request.bytes,
        (status, body) => {
          latencies.push(performance.now() - due);
          if (!isAsExpected(status, body, request.exchange)) {
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
    const start = performance.now();
    let scheduled = 0;
    // This process has its own core, and a busy loop is more precise than a timer of one millisecond.
    const next = (): void => {
      const due = Math.min(total, ((performance.now() - start) * rate) / 1000);
      while (scheduled < due) waiting.push(start + (scheduled++ * 1000) / rate);
      dispatch();
      if (scheduled < total && !failed) setImmediate(next);
    };
    next();
  });
}

const isAsExpected = (status: number, body: string, exchange: Exchange): boolean =>
  exchange.status === undefined
    ? status === 200 && isRight(body, exchange)
    : status === exchange.status && body.includes(exchange.expected);
