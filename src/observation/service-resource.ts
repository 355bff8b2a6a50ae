import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';

import { VERSION } from '../version.js';

/**
 * Describes this service to OpenTelemetry: its name and version, unless `OTEL_SERVICE_NAME` and
 * `OTEL_RESOURCE_ATTRIBUTES` say otherwise. Import it only where OpenTelemetry is configured.
 *
 * @param attributes further attributes
 */
export const serviceResource = (attributes: Readonly<Record<string, string>> = {}): Resource =>
  defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'aerie', 'service.version': VERSION, ...attributes }))
    .merge(detectResources({ detectors: [envDetector] }));
