import type { CallToolResult } from '@modelcontextprotocol/server';

import { OutageError } from '../../tool-error.js';
import { isRecord } from '../../values/is-record.js';
import type { InjectedResponse } from '../controllers/inject.js';
import {
  contentOf,
  errorBody,
  isJson,
  jsonOf,
  nameOf,
  pagesIn,
  requirePlain,
  requireSuccess,
  text,
  textOf,
} from '../controllers/tool-response.js';
import { ApiException } from '../failures/api-exception.js';
import { messageTextIn } from '../failures/http-messages.js';
import type { ApiArgument } from './arguments.js';
import { changedJson } from './exact-json.js';
import type { Narrowing } from './narrow.js';
import type { TolerantOutput } from './tolerant-output.js';

/** Tool whose API has answered. */
export interface AnsweredApi {
  readonly name: string;
  /** Name of the API. */
  readonly api: string;
  /** Method and path, for errors. */
  readonly route: string;
  /** Whether the operation only reads. */
  readonly isRead: boolean;
  readonly arguments: readonly ApiArgument[];
  readonly narrowing: Narrowing | undefined;
  readonly output: TolerantOutput | undefined;
}

/**
 * Converts a response to the result of a tool.
 *
 * @throws {ApiException} with the response's own message, when the status is 4xx
 * @throws {OutageError} when the API rejects the credentials of this service
 * @throws {Error} when the status is 5xx; the caller reads a generic message
 */
export function apiAnswer(response: InjectedResponse, tool: AnsweredApi): Partial<CallToolResult> {
  const { status } = response;
  if (status === 401 || status === 407) {
    throw new OutageError(
      `The API "${tool.api}" rejects the credentials of this server. Signing in again does not help: its administrator must correct them.`,
      'upstream:credentials',
      new Error(`${tool.route} answered with ${nameOf(status)}.`),
    );
  }
  requirePlain(response, tool);
  const { narrowing, output } = tool;
  if (status >= 400 && status < 500) {
    throw new ApiException(narrowing ? messageIn(response) : errorBody(response), status);
  }
  requireSuccess(response, tool);
  if (status >= 300) return answered([text(redirectText(status, tool))], undefined, tool);
  if (response.body.length === 0) return answered([text(`Done: ${nameOf(status)}.`)], undefined, tool);
  if (!isJson(response)) {
    if (narrowing)
      throw new Error(`${tool.route} did not answer with JSON, so no field of it can be hidden.`);
    return answered(contentOf(response, tool), undefined, tool);
  }
  const parsed = narrowing || output ? jsonOf(response) : undefined;
  if (narrowing && typeof parsed !== 'object')
    throw new Error(
      `${tool.route} answered with JSON that is invalid or only a value, which cannot be narrowed.`,
    );
  const value = narrowing ? narrowing.value(parsed) : parsed;
  const pages = pagesIn(response, tool);
  const shown = narrowing
    ? [text(changedJson(textOf(response), narrowing.value))]
    : contentOf(response, tool);
  return answered([...shown, ...(pages === undefined ? [] : [text(pages)])], value, tool);
}

/** Only 307 and 308 say that nothing was done. Many APIs answer with 302, for example, after a change. */
const redirectText = (status: number, { isRead }: AnsweredApi): string =>
  isRead || status === 307 || status === 308
    ? `Not done: ${nameOf(status)}.`
    : `The API answered with ${nameOf(status)}, which was not followed. The change may have been made: check before you repeat it.`;

/** Message of a 4xx response whose fields may be hidden: nothing else of its body. */
function messageIn(response: InjectedResponse): string {
  const body = isJson(response) ? jsonOf(response) : undefined;
  return (isRecord(body) && messageTextIn(body)) || nameOf(response.status);
}

/** Clients reject a result without the declared structured content, so there always is some. */
const answered = (
  content: CallToolResult['content'],
  value: unknown,
  { output }: AnsweredApi,
): Partial<CallToolResult> => (output ? { content, structuredContent: output.matching(value) } : { content });
