import {
  classifyInboundRequest,
  type InboundLadderRejection,
  type JSONRPCRequest,
} from '@modelcontextprotocol/server';
import type { IncomingHttpHeaders } from 'node:http';

import { reasonOfError } from '../wire/error-reason.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';
import { isInitialize, messagesIn, withoutInvalid } from '../wire/legacy-messages.js';
import { answerId, methodOf } from '../wire/messages.js';
import type { Era } from '../wire/revisions.js';
import { fastLegacyRequest, fastModernRequest } from './fast-request.js';

const LISTEN = 'subscriptions/listen';

/** Messages of a legacy POST. */
interface LegacyBody {
  /** One message, or the valid elements of a batch. */
  readonly body: unknown;
  /** Responses to the invalid elements of a batch; undefined if the body is not a batch. */
  readonly refusals: readonly object[] | undefined;
}

/** Way to serve a POST. */
export type Route =
  /** Request for the shared server of its era, as nearly all are. */
  | { readonly way: 'fast'; readonly era: Era; readonly request: JSONRPCRequest }
  /** Modern request for a stream of change notifications. */
  | { readonly way: 'listen' }
  /** Any other modern message, for the SDK's own handler. */
  | { readonly way: 'modern' }
  /** Legacy messages of a session, or an `initialize` request that opens one. */
  | ({ readonly way: 'session' } & LegacyBody)
  /** Legacy messages without a session. */
  | ({ readonly way: 'sessionless' } & LegacyBody);

/** Parts of the server that routes depend on. */
export interface Routing {
  /** Whether sessions are enabled. */
  readonly hasSessions: boolean;
  /** Whether the shared servers have a handler for a method. */
  readonly hasHandler: (method: string) => boolean;
}

/**
 * Returns the route of a POST. Only the SDK decides about requests that do not fit the fast path.
 *
 * @param body one message or a batch
 * @throws {JsonRpcError} 400 when the SDK rejects the request, such as for a header that contradicts the body
 */
export function routeOf(body: unknown, headers: IncomingHttpHeaders, routing: Routing): Route {
  const modern = fastModernRequest(body, headers);
  if (modern && routing.hasHandler(modern.method)) return { way: 'fast', era: 'modern', request: modern };
  const legacy = fastLegacyRequest(body, headers);
  const isOfSession = routing.hasSessions && (headers['mcp-session-id'] !== undefined || isInitialize(body));
  if (legacy) {
    if (isOfSession) return { way: 'session', body, refusals: undefined };
    return routing.hasHandler(legacy.method)
      ? { way: 'fast', era: 'legacy', request: legacy }
      : { way: 'sessionless', body, refusals: undefined };
  }
  const { valid, refusals } = Array.isArray(body)
    ? withoutInvalid(body)
    : { valid: body, refusals: undefined };
  const outcome = classifyInboundRequest({
    httpMethod: 'POST',
    protocolVersionHeader: text(headers['mcp-protocol-version']),
    mcpMethodHeader: text(headers['mcp-method']),
    mcpNameHeader: text(headers['mcp-name']),
    body: valid,
  });
  if (outcome.kind === 'legacy') {
    return { way: isOfSession ? 'session' : 'sessionless', body: valid, refusals };
  }
  if (outcome.kind === 'modern') {
    // A notification has no answer, so it cannot open a stream.
    const isListen = outcome.messageKind === 'request' && methodOf(body) === LISTEN;
    return { way: isListen ? 'listen' : 'modern' };
  }
  messagesIn(body); // throws a better error than the SDK, which does not say what is invalid
  throw rejection(outcome, body);
}

const text = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;

function rejection({ code, httpStatus, message, data }: InboundLadderRejection, body: unknown): JsonRpcError {
  const reason = Array.isArray(body) ? 'invalid_batch' : reasonOfError(code, httpStatus);
  return new JsonRpcError(reason, httpStatus, code, message, {}, { data, id: answerId(body) });
}
