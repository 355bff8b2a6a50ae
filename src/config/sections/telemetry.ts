import { z } from 'zod';

import { count, port } from '../formats.js';
import { section, variable } from '../variable.js';

export const telemetry = section(
  'Telemetry',
  {
    METRICS_PORT: variable({
      schema: port,
      description:
        'port that serves [metrics](observability.md) at `/metrics` for Prometheus; unset: no metrics',
      remedy: 'Use a free port such as 9464.',
      example: '9464',
    }),
    METRICS_HOST: variable({
      schema: z.string().min(1),
      default: '127.0.0.1',
      description: 'address that serves the metrics; anybody who reaches it can read them',
      remedy: 'Use an address such as 127.0.0.1, or 0.0.0.0 for all.',
    }),
    METRICS_ORGANIZATIONS: variable({
      schema: count,
      otherwise: 'no label',
      description:
        'maximum organizations that have a label of their own on the metrics of calls; others share `_OTHER`',
      remedy: 'Use a number such as 100, or leave it unset.',
      example: '100',
    }),
    OTEL_EXPORTER_OTLP_ENDPOINT: variable({
      schema: z.url({ protocol: /^https?$/ }),
      description:
        'collector that gets [traces and metrics](observability.md) by OTLP; the other variables `OTEL_*` of the standard apply too',
      remedy: 'Use a URL such as http://localhost:4318',
      example: 'http://localhost:4318',
    }),
  },
  (values) => ({
    telemetry: {
      /** Endpoint for Prometheus; undefined without metrics. */
      metrics:
        values.METRICS_PORT === undefined
          ? undefined
          : { port: values.METRICS_PORT, host: values.METRICS_HOST },
      /** Maximum number of organizations with a label of their own. */
      organizations: values.METRICS_ORGANIZATIONS ?? 0,
      /** Collector for traces and metrics; undefined if there is none. */
      collector: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    },
  }),
);
