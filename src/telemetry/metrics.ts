import type { Attributes, Meter } from '@opentelemetry/api';

import type { Step } from '../logging/steps.js';
import type { EndedCall, ObservedCall, Observer } from '../observation/observer.js';
import { BoundedLabels, errorAttributes, httpMethodLabel, methodLabel, targetAttributes } from './labels.js';

/** Boundaries of the semantic conventions for MCP, in seconds. */
const MCP_BOUNDARIES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
/** Boundaries for calls, which often take less than the first boundary of the conventions. */
const CALL_BOUNDARIES = [
  0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30,
];
/** Boundaries of the semantic conventions for HTTP, in seconds. */
const HTTP_BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const duration = (boundaries: number[], description: string) => ({
  unit: 's',
  description,
  advice: { explicitBucketBoundaries: boundaries },
});

/**
 * Measures requests and calls. Names follow the semantic conventions of OpenTelemetry where they exist.
 *
 * Labels are bounded: names of the catalog, methods, status and reason codes. Subjects, URIs and texts are none.
 *
 * @param organizations maximum number of organizations that have a label of their own
 */
export function metricsObserver(meter: Meter, organizations: number): Observer {
  const operations = meter.createHistogram(
    'mcp.server.operation.duration',
    duration(MCP_BOUNDARIES, 'Duration of an MCP message'),
  );
  const calls = meter.createHistogram(
    'aerie.call.duration',
    duration(CALL_BOUNDARIES, 'Duration of a call of a tool, resource or prompt'),
  );
  const requests = meter.createHistogram(
    'http.server.request.duration',
    duration(HTTP_BOUNDARIES, 'Duration of an HTTP request'),
  );
  const refusals = meter.createCounter('aerie.refusals', {
    unit: '{request}',
    description: 'Refused requests by reason code',
  });
  const labels = new CallLabels(organizations);
  return {
    request: () => ({
      end: ({ httpMethod, status, reason, errorCode, methods, calls: observed, durationMs }) => {
        requests.record(durationMs / 1_000, {
          'http.request.method': httpMethodLabel(httpMethod),
          'http.response.status_code': status,
        });
        if (reason !== undefined) refusals.add(1, { reason });
        if (observed > 0) return;
        for (const method of methods) {
          const error = errorAttributes(reason, errorCode);
          operations.record(durationMs / 1_000, { 'mcp.method.name': methodLabel(method), ...error });
        }
      },
    }),
    call: (call) => ({
      end: (ended) => {
        const { operation, own } = labels.of(call, ended);
        operations.record(ended.durationMs / 1_000, operation);
        calls.record(ended.durationMs / 1_000, own);
      },
    }),
  };
}

/** Measures the steps of requests that wait for a database or Redis. */
export function stepMeasurer(meter: Meter): (step: Step) => void {
  const operations = meter.createHistogram(
    'db.client.operation.duration',
    duration(CALL_BOUNDARIES, 'Duration of a query or command'),
  );
  return ({ name, durationMs, isFailed, system }) => {
    if (!system) return;
    const labels = { 'db.system.name': system, 'db.operation.name': name };
    operations.record(durationMs / 1_000, isFailed ? { ...labels, 'error.type': 'failed' } : labels);
  };
}

/** Labels of a call on both histograms. */
interface Labels {
  readonly operation: Attributes;
  readonly own: Attributes;
}

/** Builds the labels of each kind of call once, because each call would pay for them again. */
class CallLabels {
  readonly #known = new Map<string, Labels>();
  readonly #organizations: BoundedLabels | undefined;

  constructor(organizations: number) {
    if (organizations > 0) this.#organizations = new BoundedLabels(organizations);
  }

  of({ method, kind, name, principal }: ObservedCall, { outcome, reason }: EndedCall): Labels {
    const organization = this.#organizations?.of(principal.organizationId ?? '');
    const key = `${method} ${name} ${outcome} ${reason ?? ''} ${organization ?? ''}`;
    let labels = this.#known.get(key);
    if (!labels) {
      const target = targetAttributes(kind, name);
      const error = errorAttributes(reason);
      labels = {
        operation: { 'mcp.method.name': method, ...target, ...error },
        own: {
          ...target,
          ...error,
          outcome,
          ...(organization !== undefined && { 'aerie.organization': organization }),
        },
      };
      this.#known.set(key, labels);
    }
    return labels;
  }
}
