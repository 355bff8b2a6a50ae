import type { SpanLimits, SpanProcessor } from '@opentelemetry/sdk-trace';

/**
 * Keeps no events of spans: the only ones are exceptions of outgoing requests. Texts and stacks of errors may hold
 * arguments of a call.
 */
export const NO_EVENTS: SpanLimits = { eventCountLimit: 0 };

/** Removes the text of an error from the status of a span. It comes before the processors that export spans. */
export const withoutErrorTexts: SpanProcessor = {
  onStart: () => {},
  onEnding: (span) => {
    const { code, message } = span.status;
    if (message !== undefined) span.setStatus({ code });
  },
  onEnd: () => {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
