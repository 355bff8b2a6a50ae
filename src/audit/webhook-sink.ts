import { createHmac } from 'node:crypto';

import { problemOfCause } from '../values/connection-problem.js';
import type { AuditLine } from './audit-record.js';
import { type AuditSink, TOO_LARGE_STATUS, RefusedLinesError } from './sink.js';

const TIMEOUT_MS = 10_000;

/**
 * Posts batches of records, signed by the rules of Standard Webhooks. A repeated batch has the same id.
 *
 * Redirects are refused, because the receiver of a redirect may be anybody.
 */
export class WebhookSink implements AuditSink {
  readonly name = 'webhook';

  /** @param secrets returns the secrets in force: `whsec_` and the key in base64 */
  constructor(
    private readonly url: string,
    private readonly secrets: () => readonly string[],
  ) {}

  async write(lines: readonly AuditLine[]): Promise<void> {
    const [first] = lines;
    if (!first) return;
    const id = `${first.chain}:${first.record.seq}`;
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const body = `{"type":"audit.records","records":[${lines.map(({ text }) => text).join(',')}]}`;
    const content = `${id}.${timestamp}.${body}`;
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        // One signature per secret. A receiver accepts a request if one of them is right.
        'webhook-signature': this.secrets()
          .map((secret) => `v1,${sign(content, secret)}`)
          .join(' '),
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new Error(`The webhook cannot be reached: ${problemOfCause(error)}`, { cause: error });
    });
    await response.body?.cancel();
    const { ok, status } = response;
    const Fault = status === TOO_LARGE_STATUS ? RefusedLinesError : Error;
    if (!ok) throw new Fault(`The webhook answered with status ${status}.`);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const sign = (content: string, secret: string): string =>
  createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(content)
    .digest('base64');
