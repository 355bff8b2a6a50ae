import type { IncomingMessage } from 'node:http';

import type { Principal } from '../../auth/principal.js';
import type { Cost } from '../../limits/charge.js';
import { isRecord } from '../../values/is-record.js';
import { recordIn } from '../../values/record-in.js';
import type { Asked, AuthorizationService } from '../authorization/authorization.service.js';
import { decodedHeader } from '../catalog/parameter-headers.js';
import { SEARCH_TOOL_NAMES } from '../catalog/search-tool-names.js';
import type { ToolSelection } from '../context/tool-selection.js';
import { innerCallOf } from '../search/search-tools.js';
import type { ToolSearch } from '../search/tool-search.service.js';
import { HEADER_MISMATCH } from '../wire/error-reason.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';
import { answerId, methodOf, type Target, targetOf } from '../wire/messages.js';
import { MODERN_REVISION } from '../wire/revisions.js';
import { dropNullArguments } from '../wire/null-arguments.js';

/** Message with its method and its target. */
export interface Message {
  readonly body: unknown;
  /** Method; undefined for a response. */
  readonly method: string | undefined;
  /** Requested tool, resource or prompt; undefined if it does not exist, or the sender may not know of it. */
  readonly asked: Asked | undefined;
  /** Target that does not exist, or that the sender may not know of. */
  readonly missing?: Target | undefined;
  /** Whether the sender has called the tool with `call_tool`. */
  readonly isIndirect?: boolean;
}

/** Finds the targets of messages. */
export interface Finders {
  readonly authorization: Pick<AuthorizationService, 'find'>;
  readonly search: Pick<ToolSearch, 'find'>;
}

/**
 * Reads a message, and finds its target. Removes nulls that stand for absent members.
 *
 * A call with `call_tool` becomes a call of the tool that it names, before anything else looks at the message. So it
 * passes the same checks, costs the same, and is recorded as the same call.
 *
 * @param selection tools that the client wants
 */
export function readMessage(
  body: unknown,
  sender: Principal,
  { authorization, search }: Finders,
  selection?: ToolSelection,
): Message {
  const inner = selection?.isSearching ? innerCallOf(body) : undefined;
  if (inner && isRecord(body)) {
    const asked = authorization.find(sender, { kind: 'tool', name: inner.name }, selection);
    if (asked) {
      body['params'] = { ...recordIn(body['params']), name: inner.name, arguments: inner.arguments };
      dropNullArguments(body);
      return { body, method: methodOf(body), asked, isIndirect: true };
    }
  }
  dropNullArguments(body);
  const target = targetOf(body);
  const asked =
    target &&
    ((selection?.isSearching ? search.find(sender, target) : undefined) ??
      authorization.find(sender, target, selection));
  const missing = inner ? ({ kind: 'tool', name: inner.name } as const) : asked ? undefined : target;
  return { body, method: methodOf(body), asked, missing };
}

/**
 * Lets the header of the modern era name the tool that `call_tool` calls, as the message now does.
 *
 * @throws {JsonRpcError} 400 when the header is missing, or named another tool than the message of the client
 */
export function nameCalledTool({ headers }: IncomingMessage, messages: readonly Message[]): void {
  const [message] = messages;
  if (!message?.isIndirect || headers['mcp-protocol-version'] !== MODERN_REVISION) return;
  const named = headers['mcp-name'];
  if (typeof named !== 'string' || decodedHeader(named) !== SEARCH_TOOL_NAMES.call) {
    throw new JsonRpcError(
      'header_mismatch',
      400,
      HEADER_MISMATCH,
      `The header Mcp-Name must be ${SEARCH_TOOL_NAMES.call}, like the name in the body.`,
      {},
      { id: answerIdOf(messages) },
    );
  }
  headers['mcp-name'] = message.asked?.name;
}

/** Returns the ID for an error response to a whole body: the ID of a single request, or null. */
export const answerIdOf = (messages: readonly Message[]): string | number | null =>
  messages.length === 1 ? answerId(messages[0]?.body) : null;

/** Cost of any message that does not use a known tool, resource or prompt. */
const ORDINARY: Cost = { points: 1 };

/** Methods that run what an offer declares. Completions and subscriptions name an offer, but do not use it. */
const USES: ReadonlySet<string | undefined> = new Set(['tools/call', 'resources/read', 'prompts/get']);

/** Returns the cost of a message in the limits on rates. */
export function costOf({ asked, method }: Message): Cost {
  if (!asked || !USES.has(method)) return ORDINARY;
  const { kind, name, cost, rate } = asked.offer;
  return { points: cost, offer: { kind, name, rate } };
}

/**
 * Whether a message takes a place among the calls in flight. An answer to a question of the server does not, nor does a
 * notification of an existing call.
 */
export const takesPlace = ({ body, method }: Message): boolean =>
  method !== undefined &&
  (hasId(body) || (method !== 'notifications/cancelled' && method !== 'notifications/initialized'));

const hasId = (body: unknown): boolean => isRecord(body) && 'id' in body;
