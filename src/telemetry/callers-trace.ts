import {
  type Context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';

import { isRecord } from '../values/is-record.js';
import { followDecision } from './random-sampler.js';

/**
 * Returns the context of a caller that sends a valid `traceparent`, as a header or in `_meta` (SEP-414). Leaves out `tracestate`
 * and baggage: a stranger may have written them, and spans and requests to other services would repeat their texts.
 */
export function continued(carrier: Readonly<Record<string, unknown>> | undefined): Context | undefined {
  const traceparent = carrier?.['traceparent'];
  if (typeof traceparent !== 'string') return undefined;
  const extracted = propagation.extract(ROOT_CONTEXT, { traceparent });
  return trace.getSpanContext(extracted) && extracted;
}

/**
 * Returns where the span of a message belongs: below the span that `_meta` names, with a link to the request, or below
 * the request. The decision whether to record the request applies to the message too.
 */
export function placeOf(
  remote: Context | undefined,
  ambient: Context,
  request: SpanContext | undefined,
): { readonly parent: Context; readonly links: Link[] } {
  if (!remote) return { parent: ambient, links: [] };
  if (!request) return { parent: remote, links: [] };
  return { parent: followDecision(remote, request.traceFlags), links: [{ context: request }] };
}

/** Returns `_meta` of a message. */
export function metaIn(body: unknown): Readonly<Record<string, unknown>> | undefined {
  const params = isRecord(body) ? body['params'] : undefined;
  const meta = isRecord(params) ? params['_meta'] : undefined;
  return isRecord(meta) ? meta : undefined;
}
