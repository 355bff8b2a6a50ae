import type * as Sdk from '@modelcontextprotocol/client';

import { authorityRemedies, connectionProblem } from '../../values/connection-problem.js';
import { isRecord } from '../../values/is-record.js';
import { shellWord } from '../../values/shell-word.js';
import { systemErrorCode } from '../../values/system-error-code.js';
import { printable } from '../terminal/printable.js';
import { proxyRemedies } from './proxy-remedies.js';

/**
 * Converts an error of the SDK to one that says what to do. Other errors stay as they are.
 *
 * @param variables environment of this process
 */
export function explainFailure(
  error: unknown,
  url: URL,
  sdk: Pick<typeof Sdk, 'InsufficientScopeError' | 'SdkError' | 'SdkErrorCode' | 'SdkHttpError'>,
  variables: NodeJS.ProcessEnv,
): unknown {
  const explained = (message: string): Error => new Error(printable(message), { cause: error });
  if (error instanceof sdk.InsufficientScopeError) {
    const { errorDescription: why = 'The token lacks a scope.', requiredScope: scope } = error;
    return explained(
      scope === undefined
        ? `${why} The server does not say which. Ask for scopes with --scope.`
        : `${why} Ask for it with --scope ${shellWord(scope)}.`,
    );
  }
  if (error instanceof sdk.SdkHttpError) {
    const { description, message } = answerIn(error.data.text);
    if (error.status === 401) {
      const why = description ?? 'it does not say why.';
      return explained(`${url.href} rejects the token: ${why} The command doctor checks it.`);
    }
    if (message !== undefined) return explained(message);
  }
  if (error instanceof sdk.SdkError && error.code === sdk.SdkErrorCode.ConnectionClosed) {
    return explained(
      `The connection to ${url.href} ended before the response arrived. The call may have run: check its effect before you repeat it.`,
    );
  }
  const failed = fetchFailure(error);
  if (!failed) return error;
  const why = connectionProblem(failed['cause']);
  const remedies = [
    'Check that the server runs, or name another one with --url.',
    ...authorityRemedies(systemErrorCode(failed['cause'])),
    ...proxyRemedies(url, variables),
  ];
  return explained(`${url.href} cannot be reached (${why}). ${remedies.join(' ')}`);
}

/** Reads the description of an OAuth error (RFC 6750 §3), and the message of a JSON-RPC error. */
function answerIn(body: unknown): { description?: string | undefined; message?: string | undefined } {
  try {
    const parsed: unknown = JSON.parse(String(body));
    if (!isRecord(parsed)) return {};
    const { error, error_description: description } = parsed;
    return {
      description: textIn(description),
      message: textIn(isRecord(error) ? error['message'] : undefined),
    };
  } catch {
    return {}; // not JSON
  }
}

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Finds the error of `fetch` among the causes of an error. */
function fetchFailure(error: unknown): Record<string, unknown> | undefined {
  const seen = new Set<unknown>();
  for (let current = error; isRecord(current) && !seen.has(current); current = current['cause']) {
    if (current['message'] === 'fetch failed') return current;
    seen.add(current);
  }
  return undefined;
}
