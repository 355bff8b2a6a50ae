import type * as Sdk from '@modelcontextprotocol/client';

import { connectionProblem } from '../../values/connection-problem.js';
import { isRecord } from '../../values/is-record.js';
import { printable } from '../terminal/printable.js';

/** Converts an error of the SDK to one that says what to do. Other errors stay as they are. */
export function explainFailure(
  error: unknown,
  url: URL,
  { InsufficientScopeError, SdkHttpError }: Pick<typeof Sdk, 'InsufficientScopeError' | 'SdkHttpError'>,
): unknown {
  const explained = (message: string): Error => new Error(printable(message), { cause: error });
  if (error instanceof InsufficientScopeError) {
    return explained(
      `${error.errorDescription ?? error.message} Ask for it with --scope "${error.requiredScope}".`,
    );
  }
  if (error instanceof SdkHttpError && error.status === 401) {
    return explained(
      `${url.href} rejects the token: ${descriptionIn(error.data.text)} The command doctor checks it.`,
    );
  }
  const failed = fetchFailure(error);
  return failed ? explained(`${url.href} cannot be reached (${connectionProblem(failed['cause'])}).`) : error;
}

/** Reads the description of an OAuth error (RFC 6750 §3). */
function descriptionIn(body: unknown): string {
  try {
    const parsed: unknown = JSON.parse(String(body));
    if (isRecord(parsed) && typeof parsed['error_description'] === 'string')
      return parsed['error_description'];
  } catch {
    // not JSON
  }
  return 'it does not say why.';
}

/** Finds the error of `fetch` among the causes of an error. */
function fetchFailure(error: unknown): Record<string, unknown> | undefined {
  for (let current = error; isRecord(current); current = current['cause']) {
    if (current['message'] === 'fetch failed') return current;
  }
  return undefined;
}
