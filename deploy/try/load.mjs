import { setTimeout as delay } from 'node:timers/promises';

/** Requests a call of a tool. */
export const callTool = (url, token, name, args, { _meta, signal } = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: args, ...(_meta && { _meta }) },
    }),
    signal,
  });

/**
 * Calls a tool once, like an agent with a token.
 *
 * @returns the start and duration in milliseconds, the status, and the failure, if any
 */
export async function call(url, token) {
  const started = performance.now();
  const name = `caller ${Math.trunc(started * 1000)}`;
  const result = { started, duration: 0, status: 0, headers: new Headers(), failure: undefined };
  try {
    const signal = AbortSignal.timeout(30_000);
    const response = await callTool(url, token, 'greet_user', { name }, { signal });
    const text = await response.text();
    result.status = response.status;
    result.headers = response.headers;
    if (!response.ok || !text.includes(`Hi ${name}, welcome`)) {
      result.failure = `${response.status} ${text.slice(0, 200)}`;
    }
  } catch (error) {
    result.failure = `${error.message}: ${error.cause?.message ?? ''}`;
  }
  result.duration = performance.now() - started;
  return result;
}

/**
 * Calls at a steady rate while the system is disturbed. Does not wait for responses, and rotates the tokens.
 *
 * @param during disturbs the system; starts two seconds after the load
 * @param seconds minimum duration of the load, which ends no earlier than `during`
 */
export async function underLoad({ url, tokens, rate, seconds }, during) {
  const calls = [];
  const started = performance.now();
  const phase = { done: false };
  const disturbance = delay(2_000)
    .then(during)
    .finally(() => (phase.done = true));
  disturbance.catch(() => undefined); // awaited below
  for (let index = 0; performance.now() - started < seconds * 1000 || !phase.done; index++) {
    const wait = started + (index * 1000) / rate - performance.now();
    if (wait > 0) await delay(wait);
    calls.push(call(url, tokens[index % tokens.length]));
  }
  const took = (performance.now() - started) / 1000;
  const times = await disturbance;
  const results = await Promise.all(calls);
  const durations = results.map(({ duration }) => duration).toSorted((a, b) => a - b);
  const quantile = (share) => `${Math.round(durations[Math.floor((durations.length - 1) * share)])} ms`;
  return {
    times,
    failures: results.filter(({ failure }) => failure),
    summary: `${results.length} calls in ${took.toFixed(0)} s, p50 ${quantile(0.5)}, p99 ${quantile(0.99)}, longest ${quantile(1)}`,
  };
}
