import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time that an attacker waits for a response, in milliseconds. */
const ANSWER_TIMEOUT_MS = 1_000;

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** Sends an attacker's requests with little CPU time. */
export class Requests {
  readonly #agent: Agent;

  constructor(
    private readonly url: string,
    maxSockets: number,
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets });
  }

  /** Resolves when the response was read or the request failed. */
  async send(token: string, body: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#answered(token, body, signal);
    } catch {
      await sleep(1); // the server has closed the connection
    }
  }

  #answered(token: string, body: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { ...HEADERS, authorization: `Bearer ${token}`, 'content-length': String(body.length) };
      const options = { agent: this.#agent, method: 'POST', headers, signal, timeout: ANSWER_TIMEOUT_MS };
      const sent = request(this.url, options, (response) => {
        response.on('error', reject).on('close', resolve).resume();
      });
      sent.on('timeout', () => sent.destroy(new Error('No answer.'))).on('error', reject);
      sent.end(body);
    });
  }
}

/** Head of a POST. */
export function headOf(url: string, token: string | undefined, headers: Record<string, string>): string {
  const { host, pathname } = new URL(url);
  const lines = Object.entries({
    host,
    ...HEADERS,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${pathname} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
