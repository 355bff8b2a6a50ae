import { INTERNAL_ERROR, INVALID_PARAMS } from '@modelcontextprotocol/server';

import { OWN_WORDS } from '../failures/protocol-failure.js';
import { isRecord } from '../../values/is-record.js';
import type { Era } from '../wire/revisions.js';
import { LEGACY_RESOURCE_NOT_FOUND } from '../wire/error-reason.js';
import { type Issue, sentenceOf } from '../wire/issue-sentence.js';

/** Error object of a JSON-RPC response. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/**
 * Converts an error of the SDK into a readable error for the client.
 *
 * For invalid parameters, the SDK sends the JSON report of the validator, mostly as an internal error. The client gets
 * `-32602` and one sentence instead. A report about anything but the request is a fault of the server, so its details
 * are hidden. Messages of handlers are kept, even if they look like a report.
 */
export function clientError(error: WireError, era: Era): WireError {
  if (error.data === OWN_WORDS) return { code: error.code, message: error.message };
  if (isResourceNotFound(error))
    return era === 'legacy' ? { ...error, code: LEGACY_RESOURCE_NOT_FOUND } : error;
  const issues = issuesIn(error.message);
  if (issues) {
    const isOfRequest = issues.every(({ path }) => path[0] === 'params');
    return isOfRequest
      ? { code: INVALID_PARAMS, message: sentenceOf(issues) }
      : { code: INTERNAL_ERROR, message: 'Internal error' };
  }
  return error;
}

/** Converts the error of a response. Returns other messages unchanged. */
export function withClientError<Message extends object>(message: Message, era: Era): Message {
  if (!('error' in message) || !isWireError(message.error)) return message;
  return { ...message, error: clientError(message.error, era) };
}

const isWireError = (error: unknown): error is WireError =>
  isRecord(error) && typeof error['code'] === 'number' && typeof error['message'] === 'string';

/** Whether the error means "Resource not found", which the SDK marks only by its data. */
const isResourceNotFound = ({ code, data }: WireError): boolean =>
  code === INVALID_PARAMS &&
  isRecord(data) &&
  typeof data['uri'] === 'string' &&
  Object.keys(data).length === 1;

/** Parses the validator report at the end of a message; undefined if there is none. */
function issuesIn(message: string): [Issue, ...Issue[]] | undefined {
  const start = message.indexOf('[\n');
  if (start < 0) return undefined;
  try {
    const report: unknown = JSON.parse(message.slice(start));
    return isReport(report) ? report : undefined;
  } catch {
    return undefined;
  }
}

const isReport = (report: unknown): report is [Issue, ...Issue[]] =>
  Array.isArray(report) &&
  report.length > 0 &&
  report.every((issue) => isRecord(issue) && Array.isArray(issue['path']) && 'code' in issue);
