import type { Request } from 'express';

import { ENDED, REQUEST } from '../../test/support/ended-request.js';
import { inMemoryTelemetry } from '../../test/support/in-memory-telemetry.js';
import { aPrincipal } from '../../test/support/principal.js';
import type { Reason } from '../logging/reason.js';
import { stepEnded } from '../logging/steps.js';
import type { EndedRequest, ObservedCall } from '../observation/observer.js';
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

describe('metrics', () => {
  let telemetry: Telemetry;
  beforeEach(() => {
    ({ telemetry } = inMemoryTelemetry());
  });
  afterEach(() => telemetry.stop());

  const endRequest = (ended: Partial<EndedRequest>): void => {
    for (const observer of telemetry.observers) observer.request?.(REQUEST).end({ ...ENDED, ...ended });
  };
  const endCall = (reason?: Reason): void => {
    const outcome = reason === undefined ? 'ok' : 'failed';
    for (const observer of telemetry.observers) {
      observer.call?.(CALL).end({ outcome, reason, isUnexpected: false, durationMs: 1 });
    }
  };

  it('count failed requests and calls, but neither mistakes of callers nor probes', async () => {
    endRequest({});
    endRequest({ status: 503, reason: 'unrecorded' });
    endRequest({ status: 401, reason: 'missing_token' });
    endRequest({ status: 503, httpMethod: 'GET' });
    endRequest({ status: 500, isUnanswered: true });
    endCall();
    endCall('invalid_input');
    endCall('database:unreachable');
    const text = await telemetry.metricsText();
    expect(text).toMatch(/^aerie_request_failures_total 1$/m);
    expect(text).toMatch(/^aerie_call_failures_total\{reason="database:unreachable"\} 1$/m);
    expect(text).toMatch(/^aerie_call_failures_total\{reason="timeout"\} 0$/m);
    expect(text).not.toMatch(/^aerie_call_failures_total\{reason="invalid_input"\}/m);
  });

  it.each<[string, Partial<EndedRequest>, string]>([
    ['a result', {}, 'http_route="/mcp",http_response_status_code="200"'],
    ['a path that is not registered', { route: undefined, status: 404 }, 'http_response_status_code="404"'],
    [
      'an error of the server',
      { status: 500 },
      'http_route="/mcp",http_response_status_code="500",error_type="500"',
    ],
    ['no answer', { isUnanswered: true }, 'http_route="/mcp",error_type="aborted"'],
  ])('describe a request with %s', async (_what, ended, labels) => {
    endRequest(ended);
    expect(await telemetry.metricsText()).toContain(
      `\nhttp_server_request_duration_count{http_request_method="POST",${labels},url_scheme="http"} 1\n`,
    );
  });

  it('name the scheme that the client of a request uses, also behind a proxy', async () => {
    for (const observer of telemetry.observers) {
      observer.request?.({ ...REQUEST, secure: true } as Request).end(ENDED);
    }
    endRequest({});
    const text = await telemetry.metricsText();
    for (const scheme of ['http', 'https']) {
      expect(text).toMatch(
        new RegExp(`^http_server_request_duration_count\\{.*,url_scheme="${scheme}"\\} 1$`, 'm'),
      );
    }
  });

  it('measure queries with the buckets of the semantic conventions', async () => {
    stepEnded({ name: 'SELECT', durationMs: 1, isFailed: false, system: 'postgresql' });
    const lines = (await telemetry.metricsText()).matchAll(
      /^db_client_operation_duration_bucket.*le="(.+?)"/gm,
    );
    expect([...lines].map(([, le]) => le)).toEqual([
      '0.001',
      '0.005',
      '0.01',
      '0.05',
      '0.1',
      '0.5',
      '1',
      '5',
      '10',
      '+Inf',
    ]);
  });
});
