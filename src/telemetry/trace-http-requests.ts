import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest, IncomingMessage } from 'node:http';

import {
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';

import { isRecord } from '../values/is-record.js';
import { systemErrorCode } from '../values/system-error-code.js';
import { httpMethodLabel, OTHER } from './labels.js';

/**
 * Continues the trace in requests of `node:http` and `node:https`, which axios and many SDKs send. Only below a recorded
 * span, they have a span. Headers that the caller gave as a list are sent as they are.
 *
 * @returns a function that ends it
 */
export function traceHttpRequests(tracer: Tracer): () => void {
  const spans = new WeakMap<ClientRequest, Span>();
  const listeners = [
    listener('request.created', ({ request }) => {
      const active = trace.getActiveSpan();
      if (!active) return;
      let span = active;
      if (active.isRecording()) {
        span = startSpan(tracer, request);
        spans.set(request, span);
        request.once('close', () => span.end());
      }
      if (request.headersSent || request.hasHeader('traceparent')) return;
      propagation.inject(trace.setSpan(context.active(), span), request, {
        set: (carrier, name, value) => void carrier.setHeader(name, value),
      });
    }),
    listener('request.error', ({ request, error }) => {
      const span = spans.get(request);
      if (span) fail(span, systemErrorCode(error));
    }),
    listener('response.finish', ({ request, response }) => {
      const span = spans.get(request);
      if (!span || !(response instanceof IncomingMessage)) return;
      const { statusCode = 0 } = response;
      span.setAttribute('http.response.status_code', statusCode);
      if (statusCode >= 400) fail(span, `${statusCode}`);
    }),
  ] as const;
  for (const one of listeners) subscribe(...one);
  return () => {
    for (const one of listeners) unsubscribe(...one);
  };
}

interface Message extends Record<string, unknown> {
  readonly request: ClientRequest;
}

/** Returns a channel of the clients of `node:http`, and a listener for its messages. */
function listener(name: string, on: (message: Message) => void): [string, (message: unknown) => void] {
  return [
    `http.client.${name}`,
    (message) => {
      if (!isRecord(message)) return;
      const { request } = message;
      if (request instanceof ClientRequest) on({ ...message, request });
    },
  ];
}

function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
}

/** Starts a span without path and query, which may hold arguments of a call. */
function startSpan(tracer: Tracer, request: ClientRequest): Span {
  const method = httpMethodLabel(request.method);
  const host = request.getHeader('host');
  const url = URL.parse(`${request.protocol}//${typeof host === 'string' ? host : request.host}`);
  const usualPort = request.protocol === 'https:' ? 443 : 80;
  return tracer.startSpan(method === OTHER ? 'HTTP' : method, {
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': method,
      ...(url && {
        'server.address': url.hostname,
        'server.port': Number(url.port) || usualPort,
        'url.full': url.origin,
        'url.scheme': url.protocol.slice(0, -1),
      }),
    },
  });
}
