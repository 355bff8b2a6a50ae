import { systemErrorCode } from '../../values/system-error-code.js';
import { connectionProblem } from '../../values/connection-problem.js';
import { isRecord } from '../../values/is-record.js';

/** Maximum time for a response. claude.ai waits as long for discovery documents. */
const TIMEOUT_MS = 10_000;

/** Response of the server. */
export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  /** Parsed body; undefined if it is not JSON. */
  readonly json: unknown;
  /** Local time between the request and the response, milliseconds since the epoch. */
  readonly at: number;
}

/** Thrown when there is no response. */
export class NoAnswerError extends Error {
  /** @param code code of the operating system or of TLS */
  constructor(
    readonly url: URL,
    readonly code: string,
    problem: string,
    cause: unknown,
  ) {
    super(problem, { cause });
  }
}

/**
 * Sends one request and reads the response. Does not follow redirects, as clients that send a token should not.
 *
 * @throws {NoAnswerError} when there is no response
 */
export async function probe(url: URL, init: RequestInit = {}): Promise<Answer> {
  const sent = Date.now();
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const at = (sent + Date.now()) / 2;
    const text = await bodyOf(response);
    return { url, status: response.status, headers: response.headers, json: parsed(text), at };
  } catch (thrown) {
    const cause = (isRecord(thrown) ? thrown['cause'] : undefined) ?? thrown;
    const isLate = isRecord(thrown) && thrown['name'] === 'TimeoutError';
    const problem = isLate ? `no response within ${TIMEOUT_MS / 1000} s` : connectionProblem(cause);
    throw new NoAnswerError(url, systemErrorCode(cause), problem, thrown);
  }
}

/** Sends one request. Returns undefined if there is no response. */
export async function attempt(url: URL, init?: RequestInit): Promise<Answer | undefined> {
  try {
    return await probe(url, init);
  } catch (thrown) {
    if (thrown instanceof NoAnswerError) return undefined;
    throw thrown;
  }
}

/** Reads the body, except of an event stream, which may never end. */
async function bodyOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text();
  await response.body?.cancel();
  return '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
