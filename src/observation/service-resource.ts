import cluster from 'node:cluster';

import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';

import { VERSION } from '../version.js';

const INSTANCE = 'service.instance.id';

/**
 * Describes this process to OpenTelemetry: the name and version of the service, and its instance, unless
 * `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say otherwise. Import it only where OpenTelemetry is configured.
 *
 * @param instance name of this process
 */
export function serviceResource(instance: string): Resource {
  const own = { 'service.name': 'aerie', 'service.version': VERSION, [INSTANCE]: instance };
  const given = detectResources({ detectors: [envDetector] });
  const named = given.attributes[INSTANCE];
  // Workers have one environment, but their totals must not be one series.
  const ofWorker =
    cluster.isWorker && typeof named === 'string' ? { [INSTANCE]: `${named}:${process.pid}` } : {};
  return defaultResource()
    .merge(resourceFromAttributes(own))
    .merge(given)
    .merge(resourceFromAttributes(ofWorker));
}
