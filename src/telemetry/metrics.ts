import type { Attributes, Counter, Meter } from '@opentelemetry/api';

import { isServerFailure, type Reason, REFUSALS, SERVER_FAILURES } from '../logging/reason.js';
import { type Step, VERIFY_TOKEN } from '../logging/steps.js';
import type {
  EndedCall,
  EndedRequest,
  Observation,
  ObservedCall,
  Observer,
} from '../observation/observer.js';
import { isPart } from '../observation/is-part.js';
import { networkOf } from '../network/network-of.js';
import { Busiest } from './busiest.js';
import type { Histogram, Histograms, Series } from './histograms.js';
import {
  ABORTED,
  BoundedLabels,
  errorAttributes,
  errorTypeOf,
  errorTypeOfStep,
  httpMethodLabel,
  methodLabel,
  OTHER,
  refusedTargetAttributes,
  type Scheme,
  schemeLabel,
  targetAttributes,
} from './labels.js';
import { unobservedMessages } from './unobserved-messages.js';

/** Boundaries of the semantic conventions for MCP, in seconds. */
const MCP_BOUNDARIES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
/** Boundaries for calls, which often take less than the first boundary of the conventions. */
const CALL_BOUNDARIES = [
  0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30,
];
/** Boundaries of the semantic conventions for databases, in seconds. */
const DATABASE_BOUNDARIES = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
/** Boundaries of the semantic conventions for HTTP, in seconds. */
const HTTP_BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Measures requests and calls. Names follow the semantic conventions of OpenTelemetry where they exist.
 *
 * Labels are bounded: names of the catalog, methods, status and reason codes. Subjects, URIs and texts are none.
 *
 * @param organizations maximum number of organizations that have a label of their own
 */
export function metricsObserver(meter: Meter, histograms: Histograms, organizations: number): Observer {
  const operations = histograms.create('mcp.server.operation.duration', {
    description: 'Duration of an MCP message',
    boundaries: MCP_BOUNDARIES,
  });
  const calls = histograms.create('aerie.call.duration', {
    description: 'Duration of a call of a tool, resource or prompt',
    boundaries: CALL_BOUNDARIES,
  });
  const requests = histograms.create('http.server.request.duration', {
    description: 'Duration of an HTTP request',
    boundaries: HTTP_BOUNDARIES,
  });
  const refusals = meter.createCounter('aerie.refusals', {
    unit: '{request}',
    description: 'Refused requests by reason code',
  });
  const failedRequests = meter.createCounter('aerie.request.failures', {
    unit: '{request}',
    description: 'POST requests answered with a 5xx status',
  });
  const failedCalls = meter.createCounter('aerie.call.failures', {
    unit: '{call}',
    description: 'Calls that failed because of the server or what it depends on, by reason code',
  });
  startAtZero(refusals, REFUSALS);
  startAtZero(failedCalls, SERVER_FAILURES);
  failedRequests.add(0);
  const ofAddress = busiest(
    meter,
    'address.requests',
    '{request}',
    'Requests from the busiest address, or /64 of IPv6,',
  );
  const ofOrganization = busiest(meter, 'organization.calls', '{call}', 'Calls of the busiest organization');
  const seriesOfRequest = requestSeries(requests);
  const seriesOfCall = new CallSeries(operations, calls, organizations);
  const observed = (scheme: Scheme): Observation<EndedRequest> => ({
    end: (ended: EndedRequest): void => {
      const { address, reason, errorCode, durationMs, httpMethod, status, isUnanswered } = ended;
      seriesOfRequest(ended, scheme).record(durationMs);
      if (address !== undefined) ofAddress.add(networkOf(address));
      if (reason !== undefined) refusals.add(1, { reason });
      if (status >= 500 && !isUnanswered && httpMethod === 'POST') failedRequests.add(1);
      for (const { method } of unobservedMessages(ended)) {
        const labels = {
          'mcp.method.name': methodLabel(method),
          ...refusedTargetAttributes(ended),
          ...errorAttributes(errorTypeOf(ended), errorCode),
        };
        operations.series(labels).record(durationMs);
      }
    },
  });
  const byScheme = { http: observed('http'), https: observed('https') };
  return {
    hasMetrics: true,
    request: (request) => byScheme[schemeLabel(request)],
    call: (call) => ({
      end: (ended) => {
        const { operation, own } = seriesOfCall.of(call, ended);
        if (!isPart(call.method)) operation.record(ended.durationMs);
        own.record(ended.durationMs);
        const { reason } = ended;
        if (isServerFailure(reason)) failedCalls.add(1, { reason });
        const { organizationId } = call.principal;
        if (organizationId !== undefined) ofOrganization.add(organizationId);
      },
    }),
  };
}

/** Creates the series of a counter by reason. Prometheus ignores the first value of a series, so it must be 0. */
function startAtZero(counter: Counter, reasons: readonly Reason[]): void {
  for (const reason of reasons) counter.add(0, { reason });
}

/** Creates a counter of the busiest key, with a gauge that does not name it. */
function busiest(meter: Meter, name: string, unit: string, description: string): Busiest {
  const counter = new Busiest();
  meter
    .createObservableGauge(`aerie.busiest_${name}`, {
      unit,
      description: `${description} in the last minute`,
    })
    .addCallback((result) => result.observe(counter.events));
  return counter;
}

/** Counts verifications of tokens, and measures the steps of requests that wait for a database or Redis. */
export function stepMeasurer(meter: Meter, histograms: Histograms): (step: Step) => void {
  const verifications = meter.createCounter('aerie.token.verifications', {
    unit: '{token}',
    description: 'Verified tokens by result',
  });
  const operations = histograms.create('db.client.operation.duration', {
    description: 'Duration of a query or command',
    boundaries: DATABASE_BOUNDARIES,
  });
  const known = new Map<string, Series>();
  return (step) => {
    const { name, durationMs, isFailed, reason, system } = step;
    if (name === VERIFY_TOKEN) verifications.add(1, { result: isFailed ? (reason ?? OTHER) : 'ok' });
    if (!system) return;
    const errorType = errorTypeOfStep(step);
    const series = cached(known, `${system} ${name} ${errorType}`, () =>
      operations.series({
        'db.system.name': system,
        'db.operation.name': name,
        ...(errorType !== undefined && { 'error.type': errorType }),
      }),
    );
    series.record(durationMs);
  };
}

/** Returns a function that finds the series of a request by its HTTP method, route, status and scheme. */
function requestSeries(requests: Histogram): (ended: EndedRequest, scheme: Scheme) => Series {
  const known = new Map<string, Series>();
  return ({ httpMethod, route, status, isUnanswered }, scheme) => {
    const method = httpMethodLabel(httpMethod);
    return cached(known, `${method} ${isUnanswered ? ABORTED : status} ${scheme} ${route}`, () =>
      requests.series({
        'http.request.method': method,
        ...(route !== undefined && { 'http.route': route }),
        ...(!isUnanswered && { 'http.response.status_code': status }),
        ...((isUnanswered || status >= 500) && { 'error.type': isUnanswered ? ABORTED : `${status}` }),
        'url.scheme': scheme,
      }),
    );
  };
}

/** Series of a call on both histograms. */
interface BothSeries {
  readonly operation: Series;
  readonly own: Series;
}

/** Finds the series of a call. */
class CallSeries {
  readonly #known = new Map<string, BothSeries>();
  readonly #organizations: BoundedLabels | undefined;

  constructor(
    private readonly operations: Histogram,
    private readonly calls: Histogram,
    organizations: number,
  ) {
    if (organizations > 0) this.#organizations = new BoundedLabels(organizations);
  }

  of({ method, kind, name, principal }: ObservedCall, { outcome, reason }: EndedCall): BothSeries {
    const organization = this.#organizations?.of(principal.organizationId ?? '');
    const key = `${method} ${kind} ${name} ${outcome} ${reason ?? ''} ${organization ?? ''}`;
    return cached(this.#known, key, () => {
      const labels: Attributes = { ...targetAttributes(kind, name), ...errorAttributes(reason) };
      return {
        operation: this.operations.series({ 'mcp.method.name': method, ...labels }),
        own: this.calls.series({
          ...labels,
          outcome,
          ...(organization !== undefined && { 'aerie.organization': organization }),
        }),
      };
    });
  }
}

function cached<Value>(known: Map<string, Value>, key: string, create: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = create()));
  return value;
}
