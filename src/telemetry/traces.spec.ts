import { inspect } from 'node:util';

import { type Attributes, context, SpanStatusCode } from '@opentelemetry/api';
import type { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import type { Request } from 'express';

import { ENDED, REQUEST } from '../../test/support/ended-request.js';
import { inMemoryTelemetry } from '../../test/support/in-memory-telemetry.js';
import { aPrincipal } from '../../test/support/principal.js';
import { type Step, stepEnded } from '../logging/steps.js';
import type { EndedCall, EndedRequest, ObservedCall } from '../observation/observer.js';
import type { Telemetry } from './start-telemetry.js';

const CALL: ObservedCall = {
  requestId: 'one',
  method: 'tools/call',
  kind: 'tool',
  name: 'greet',
  principal: aPrincipal(),
  address: undefined,
  input: {},
  recordable: undefined,
  meta: undefined,
};
const ENDED_CALL: EndedCall = { outcome: 'ok', reason: undefined, isUnexpected: false, durationMs: 1 };

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
    expect([spans['POST /mcp']?.code, spans['tools/list']?.code]).toEqual([http, message]);
  });

  it('name the route, and the transport and method of a message', () => {
    const spans = spansOf({ messages: [{ method: 'notifications/progress', body: {} }] });
    expect(spans['POST /mcp']?.attributes['http.route']).toBe('/mcp');
    expect(spans['notifications/progress']?.attributes).toMatchObject({
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
    });
    expect(spansOf({ route: undefined })['POST']?.attributes).not.toHaveProperty(['http.route']);
  });

  it('name the scheme that the client uses, also behind a proxy', () => {
    for (const observer of telemetry.observers) {
      observer.request?.({ ...REQUEST, secure: true } as Request).end(ENDED);
    }
    const span = exporter.getFinishedSpans().find(({ name }) => name === 'POST /mcp');
    expect(span?.attributes['url.scheme']).toBe('https');
  });

  it('name no other scheme that a caller may write into X-Forwarded-Proto', () => {
    for (const observer of telemetry.observers) {
      observer.request?.({ ...REQUEST, protocol: 'any text' } as Request).end(ENDED);
    }
    const span = exporter.getFinishedSpans().find(({ name }) => name === 'POST /mcp');
    expect(span?.attributes['url.scheme']).toBe('http');
  });

  it('keep no header but those that they need', () => {
    const headers = { authorization: 'Bearer hunter2', 'mcp-protocol-version': '2026-07-28' };
    let kept = '';
    for (const observer of telemetry.observers) {
      const observation = observer.request?.({
        method: 'POST',
        secure: false,
        headers,
      } as Partial<Request> as Request);
      observation?.run?.(() => (kept = inspect(context.active(), { depth: 9 })));
      observation?.end(ENDED);
    }
    expect(kept).toContain('2026-07-28');
    expect(kept).not.toContain('hunter2');
    const span = exporter.getFinishedSpans().find(({ name }) => name === 'tools/list');
    expect(span?.attributes['mcp.protocol.version']).toBe('2026-07-28');
  });

  it.each(['', 'garbage', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`])(
    'contain those of a call whose _meta has the invalid traceparent %j',
    (traceparent) => {
      for (const observer of telemetry.observers) {
        const observation = observer.request?.(REQUEST);
        observation?.run?.(() => observer.call?.({ ...CALL, meta: { traceparent } }).end(ENDED_CALL));
        observation?.end({ ...ENDED, calls: 1 });
      }
      const [inner, outer] = ['tools/call greet', 'POST /mcp'].map((name) =>
        exporter.getFinishedSpans().find((span) => span.name === name),
      );
      expect([inner?.parentSpanContext?.spanId]).toEqual([outer?.spanContext().spanId ?? 'none']);
    },
  );

  it.each<[string, Partial<Step>, string, SpanStatusCode]>([
    ['an expired token', { reason: 'expired' }, 'expired', UNSET],
    ['an issuer without an answer', { reason: 'issuer_unreachable' }, 'issuer_unreachable', ERROR],
    ['a failure for no known reason', {}, 'failed', ERROR],
    ['an error of the database', { system: 'postgresql', code: '23505' }, '23505', ERROR],
  ])('have the type and status of a failed step: %s', async (_what, step, type, code) => {
    const failed = { name: 'step', durationMs: 1, isFailed: true, ...step };
    for (const observer of telemetry.observers) {
      observer.request?.(REQUEST).run?.(() => stepEnded(failed));
    }
    const { status, attributes } = exporter.getFinishedSpans()[0] ?? {};
    expect([status?.code, attributes?.['error.type']]).toEqual([code, type]);
    expect(attributes?.['db.response.status_code']).toBe(step.code);
    if (!step.system) return;
    expect(await telemetry.metricsText()).toMatch(
      new RegExp(`^db_client_operation_duration_count\\{.*error_type="${type}"\\} 1$`, 'm'),
    );
  });
});
