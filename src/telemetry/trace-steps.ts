import { SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';

import type { HandlerSpan } from '../logging/handler-span.js';
import type { Step } from '../logging/steps.js';
import { errorTypeOfStep } from './labels.js';

/** Adds a span for a step to the current span, if that is recorded. */
export function traceStep(tracer: Tracer, step: Step): void {
  if (!trace.getActiveSpan()?.isRecording()) return;
  const { name, durationMs, isFailed, reason, code, system } = step;
  const end = Date.now();
  const errorType = errorTypeOfStep(step);
  const span = tracer.startSpan(name, {
    kind: system ? SpanKind.CLIENT : SpanKind.INTERNAL,
    startTime: end - durationMs,
    attributes: {
      ...(system && { 'db.system.name': system, 'db.operation.name': name }),
      ...(code !== undefined && { 'db.response.status_code': code }),
      ...(errorType !== undefined && { 'error.type': errorType }),
    },
  });
  // An invalid token is a mistake of the caller.
  const isOfCaller = !system && reason !== undefined && reason !== 'issuer_unreachable';
  if (isFailed && !isOfCaller) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(end);
}

/**
 * Returns a function that runs handlers within a span below the span of their call, if that is recorded. Only the
 * latter says how the call ended.
 */
export const handlerSpan =
  (tracer: Tracer): HandlerSpan =>
  (handler) => {
    // Not async, because a promise more for each call costs something even where nothing is recorded.
    if (!trace.getActiveSpan()?.isRecording()) return handler();
    return tracer.startActiveSpan('handler', async (span) => {
      try {
        return await handler();
      } finally {
        span.end();
      }
    });
  };
