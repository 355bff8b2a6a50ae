import autocannon from 'autocannon';

import { type Answer, type Exchange, isFault, isRight } from '../exchange.js';

/** Throughput of a server under maximum load. */
export interface Flood {
  readonly requests: number;
  readonly requestsPerSecond: number;
}

/** Interval at which autocannon notices that it must stop. */
const SAMPLE_INTERVAL_MS = 50;

/** Duration or number of requests. */
export type Extent = { readonly seconds: number } | { readonly requests: number };

/**
 * Sends one request after another on each connection.
 *
 * @param connections exchanges of each connection, sent in turn; each is followed by its second request, if it has one
 * @throws {Error} if any response is wrong
 */
export async function flood(
  url: string,
  connections: readonly (readonly [Exchange, ...Exchange[]])[],
  extent: Extent,
): Promise<Flood> {
  const all = connections.flat();
  if (all.length === 0) throw new Error('A flood needs a connection.');
  let wrong: string | undefined;
  let next = 0;
  const running = autocannon({
    url,
    method: 'POST',
    connections: connections.length,
    ...('seconds' in extent ? { duration: extent.seconds } : { amount: extent.requests }),
    timeout: 30,
    sampleInt: SAMPLE_INTERVAL_MS,
    setupClient: (client) =>
      client.setRequests((connections[next++] ?? []).flatMap((exchange) => requestsOf(exchange))),
    verifyBody: (body) => {
      const text = String(body);
      const right = all[0]?.follow ? !isFault(text) : all.some((exchange) => isRight(text, exchange));
      if (!right) wrong ??= text;
      return right;
    },
  });
  const result = await running;
  const faults = { ...counted(result), mismatches: result.mismatches };
  if (Object.values(faults).some((count) => count > 0)) {
    throw new Error(`${url}: wrong responses: ${JSON.stringify(faults)} ${wrong?.slice(0, 500) ?? ''}`);
  }
  return { requests: result.requests.total, requestsPerSecond: result.requests.total / result.duration };
}

interface Context {
  answer?: Answer;
}

/** Requests of an exchange. The second one is made when the first is answered. */
function requestsOf(exchange: Exchange): autocannon.Request[] {
  const { follow } = exchange;
  if (!follow) return [requestOf(exchange)];
  return [
    {
      ...requestOf(exchange),
      onResponse: (_status, body, context: Context, headers) => {
        const entries = Object.entries(headers ?? {}).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]);
        context.answer = { body, headers: new Headers(entries) };
      },
    },
    {
      setupRequest: (request, context: Context) =>
        context.answer ? { ...request, ...requestOf(follow(context.answer)) } : request,
    },
  ];
}

const requestOf = ({ method = 'POST', headers, body }: Exchange): autocannon.Request => ({
  method,
  headers: { ...headers },
  body,
});

const counted = ({ errors, timeouts, non2xx }: autocannon.Result): Record<string, number> => ({
  errors,
  timeouts,
  non2xx,
});

/** Repeats one exchange on each connection. */
export const alike = (exchange: Exchange, connections: number): [Exchange][] =>
  Array.from({ length: connections }, () => [exchange]);
