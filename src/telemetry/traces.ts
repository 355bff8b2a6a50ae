import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';

import { isServerFailure } from '../logging/reason.js';
import type {
  EndedCall,
  EndedRequest,
  Observation,
  ObservedCall,
  Observer,
} from '../observation/observer.js';
import type { Targets } from '../logging/refused-response.js';
import { isPart } from '../observation/is-part.js';
import { isRecord } from '../values/is-record.js';
import { waitedFor } from '../values/wait-for-turn.js';
import { continued, metaIn, placeOf } from './callers-trace.js';
import {
  errorAttributes,
  errorTypeOf,
  httpMethodLabel,
  methodLabel,
  OTHER,
  refusedTargetAttributes,
  schemeLabel,
  targetAttributes,
} from './labels.js';
import { unobservedMessages } from './unobserved-messages.js';

/** Headers of the request that describe its messages, in its context. Never all of them, because a stream may last hours. */
const PROTOCOL_HEADERS = createContextKey('protocol headers of the request');

/** Attributes for the transport of a message. */
const TRANSPORT: Attributes = { 'network.transport': 'tcp', 'network.protocol.name': 'http' };

/** Code of an error of the server (JSON-RPC 2.0 §5.1). */
const INTERNAL_ERROR = -32_603;

/** Shape of a revision of MCP. */
const REVISION = /^\d{4}-\d\d-\d\d$/;
/** End of a session id, after the name of its instance. */
const SESSION = /^-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Traces requests and calls: a span for each request, and below it one for each message. The trace of the caller
 * continues, from the headers of the request and from `_meta` of the message.
 *
 * @param instance name of the instance, with which the ids of its sessions begin
 */
export function tracesObserver(tracer: Tracer, instance: string): Observer {
  return {
    request: (request) => {
      const { method, headers } = request;
      const parent = continued(headers) ?? ROOT_CONTEXT;
      const start = Date.now() - waitedFor(request);
      const label = httpMethodLabel(method);
      const name = label === OTHER ? 'HTTP' : label;
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, startTime: start }, parent);
      const own = trace.setSpan(parent, span);
      if (!span.isRecording()) return { ...observation(span, own), end: nothing };
      const { 'mcp-protocol-version': revision, 'mcp-session-id': session } = headers;
      const described = own.setValue(PROTOCOL_HEADERS, { revision, session });
      const scheme = schemeLabel(request); // read now, because a closed connection no longer has one
      return {
        ...observation(span, described),
        end: (ended) => {
          if (ended.route !== undefined) span.updateName(`${name} ${ended.route}`);
          span.setAttribute('url.scheme', scheme);
          endRequest(tracer, span, described, start, ended, instance);
          span.end();
        },
      };
    },
    call: (call) => {
      const ambient = context.active();
      const remote = continued(call.meta);
      const request = trace.getSpan(ambient);
      // The decision for the request applies to its call, and a span that is not recorded costs a microsecond.
      if (request && !request.isRecording() && !remote) return notRecorded(request);
      const { parent, links } = placeOf(remote, ambient, request?.spanContext());
      const span = tracer.startSpan(
        spanName(call.method, { [call.kind]: call.name }),
        { kind: isPart(call.method) ? SpanKind.INTERNAL : SpanKind.SERVER, links },
        parent,
      );
      return {
        ...observation(span, trace.setSpan(ambient, span)),
        end: (ended) => {
          if (span.isRecording()) describeCall(span, call, ended, protocolAttributes(ambient, instance));
          span.end();
        },
      };
    },
  };
}

/** Returns the fields that lead from a log line to the current span. */
export function currentSpan(): Readonly<Record<string, string>> {
  const span = trace.getSpan(context.active());
  return span ? fieldsOf(span) : {};
}

const nothing = (): void => {};

const notRecorded = (span: Span): Observation<unknown> => ({ logFields: fieldsOf(span), end: nothing });

function fieldsOf(span: Span): Readonly<Record<string, string>> {
  const { traceId, spanId } = span.spanContext();
  return { trace_id: traceId, span_id: spanId };
}

function observation(span: Span, own: Context): Omit<Observation<never>, 'end'> {
  return {
    logFields: fieldsOf(span),
    run: (work) => context.with(own, work),
  };
}

function endRequest(
  tracer: Tracer,
  span: Span,
  own: Context,
  start: number,
  ended: EndedRequest,
  instance: string,
): void {
  const { httpMethod, route, status, isUnanswered, reason, errorCode, messages, address } = ended;
  const errorType = errorTypeOf(ended);
  span.setAttributes({
    'http.request.method': httpMethodLabel(httpMethod),
    ...(route !== undefined && { 'http.route': route }),
    ...(!isUnanswered && { 'http.response.status_code': status }),
    'network.protocol.name': 'http',
    ...(address !== undefined && { 'client.address': address }),
    ...(errorType !== undefined && { 'error.type': errorType }),
  });
  const isFailure = status >= 500 && !isUnanswered;
  if (isFailure) span.setStatus({ code: SpanStatusCode.ERROR });
  const unobserved = unobservedMessages(ended);
  if (unobserved.length === 0) return;
  // The headers of a rejected request are not verified.
  const protocol = reason === undefined || status === 200 ? protocolAttributes(own, instance) : {};
  for (const { method, body } of unobserved) {
    const label = methodLabel(method);
    const attributes = {
      'mcp.method.name': label,
      ...TRANSPORT,
      ...protocol,
      ...refusedTargetAttributes(ended),
      ...errorAttributes(errorType, errorCode),
    };
    const { parent, links } = placeOf(continued(metaIn(body)), own, span.spanContext());
    const one = tracer.startSpan(
      messages.length === 1 ? spanName(label, ended.targets) : label,
      { kind: SpanKind.SERVER, startTime: start, attributes, links },
      parent,
    );
    if (isFailure || errorCode === INTERNAL_ERROR) one.setStatus({ code: SpanStatusCode.ERROR });
    one.end();
  }
}

/** Returns the name of the span of a message. URIs of resources have no part in it, because there are too many. */
const spanName = (method: string, { tool, prompt }: Pick<Targets, 'tool' | 'prompt'> = {}): string =>
  [method, tool ?? prompt].filter((part) => part !== undefined).join(' ');

/**
 * Returns the revision and the session that the headers of a request name. Not each way to serve a request reads them, so
 * they may be any text, even a token. Only what looks like a revision, or like a session of this instance, is returned.
 */
function protocolAttributes(request: Context, instance: string): Attributes {
  const headers = request.getValue(PROTOCOL_HEADERS);
  if (!isRecord(headers)) return {};
  const { revision, session } = headers;
  const isSession =
    typeof session === 'string' &&
    session.startsWith(instance) &&
    SESSION.test(session.slice(instance.length));
  return {
    ...(typeof revision === 'string' && REVISION.test(revision) && { 'mcp.protocol.version': revision }),
    ...(isSession && { 'mcp.session.id': session }),
  };
}

function describeCall(
  span: Span,
  { method, kind, name }: ObservedCall,
  ended: EndedCall,
  protocol: Attributes,
): void {
  span.setAttributes({
    ...protocol,
    'mcp.method.name': method,
    ...targetAttributes(kind, name),
    ...TRANSPORT,
    'aerie.outcome': ended.outcome,
    ...(ended.reason !== undefined && { 'error.type': ended.reason }),
  });
  // A mistake of the caller is no error of the server.
  if (isServerFailure(ended.reason)) span.setStatus({ code: SpanStatusCode.ERROR });
}
