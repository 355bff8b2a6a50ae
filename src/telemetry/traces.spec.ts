import { type Attributes, SpanStatusCode } from '@opentelemetry/api';
import type { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import type { Request } from 'express';

import { inMemoryTelemetry } from '../../test/support/in-memory-telemetry.js';
import type { EndedRequest } from '../observation/observer.js';
import type { Telemetry } from './start-telemetry.js';

const REQUEST = { method: 'POST', headers: {} } as Request;
const ENDED: EndedRequest = {
  requestId: 'one',
  httpMethod: 'POST',
  path: '/mcp',
  status: 200,
  isUnanswered: false,
  address: undefined,
  principal: undefined,
  messages: [{ method: 'tools/list', body: {} }],
  targets: undefined,
  reason: undefined,
  errorCode: undefined,
  isAborted: false,
  calls: 0,
  durationMs: 1,
};

describe('the spans of a request', () => {
  let telemetry: Telemetry;
  let exporter: InMemorySpanExporter;
  beforeAll(() => {
    ({ telemetry, exporter } = inMemoryTelemetry());
  });
  beforeEach(() => exporter.reset());
  afterAll(() => telemetry.stop());

  /** Observes a request, and returns its spans by name. */
  function spansOf(
    ended: Partial<EndedRequest>,
  ): Record<string, { readonly code: SpanStatusCode; readonly attributes: Attributes }> {
    for (const observer of telemetry.observers) observer.request?.(REQUEST).end({ ...ENDED, ...ended });
    return Object.fromEntries(
      exporter
        .getFinishedSpans()
        .map(({ name, status, attributes }) => [name, { code: status.code, attributes }]),
    );
  }

  const { ERROR, UNSET } = SpanStatusCode;

  it.each<[string, Partial<EndedRequest>, SpanStatusCode, SpanStatusCode]>([
    ['a result', {}, UNSET, UNSET],
    ['a mistake of the client', { status: 400, reason: 'invalid_message', errorCode: -32_600 }, UNSET, UNSET],
    ['status 503', { status: 503, reason: 'unrecorded' }, ERROR, ERROR],
    ['an internal error with status 200', { errorCode: -32_603 }, UNSET, ERROR],
    ['no answer', { isUnanswered: true, isAborted: true }, UNSET, UNSET],
  ])('have the right status for %s', (_what, ended, http, message) => {
    const spans = spansOf(ended);
    expect([spans['POST']?.code, spans['tools/list']?.code]).toEqual([http, message]);
  });
});
