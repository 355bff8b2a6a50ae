import { z } from 'zod';

import { count, parsedBy, port } from '../formats.js';
import { section, variable } from '../variable.js';
import { withoutSlash } from '../../values/without-slash.js';

/** By the standard, anything but `true` is false. */
const standardBoolean = parsedBy<boolean, 'true' | 'false'>((given) => given.trim().toLowerCase() === 'true');

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
        'collector that gets [traces and metrics](observability.md) by OTLP; [further variables](observability.md#traces) of the standard apply too',
      remedy: 'Use a URL such as http://localhost:4318',
      example: 'http://localhost:4318',
    }),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: variable({
      schema: z.url({ protocol: /^https?$/ }),
      otherwise: '`/v1/traces` at `OTEL_EXPORTER_OTLP_ENDPOINT`',
      description: 'URL with its path that gets [traces](observability.md#traces) by OTLP',
      remedy: 'Use a URL such as http://localhost:4318/v1/traces, or set OTEL_EXPORTER_OTLP_ENDPOINT.',
      example: 'http://localhost:4318/v1/traces',
    }),
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: variable({
      schema: z.url({ protocol: /^https?$/ }),
      otherwise: '`/v1/metrics` at `OTEL_EXPORTER_OTLP_ENDPOINT`',
      description: 'URL with its path that gets [metrics](observability.md#metrics) by OTLP',
      remedy: 'Use a URL such as http://localhost:4318/v1/metrics, or set OTEL_EXPORTER_OTLP_ENDPOINT.',
      example: 'http://localhost:4318/v1/metrics',
    }),
    OTEL_SDK_DISABLED: variable({
      schema: standardBoolean,
      otherwise: '`false`',
      description: '`true`: sends no traces and metrics by OTLP',
      remedy: 'Use true or false.',
      example: 'true',
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
      /** URL for OTLP traces; undefined if none are sent. */
      tracesUrl: urlOf(values, values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, 'traces'),
      /** URL for OTLP metrics; undefined if none are sent. */
      metricsUrl: urlOf(values, values.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, 'metrics'),
    },
  }),
);

/** @param own URL of the signal itself, which is used as it is */
function urlOf(
  {
    OTEL_SDK_DISABLED: isDisabled = false,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  }: {
    readonly OTEL_SDK_DISABLED?: boolean | undefined;
    readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  },
  own: string | undefined,
  signal: string,
): string | undefined {
  if (isDisabled) return undefined;
  return own ?? (collector === undefined ? undefined : `${withoutSlash(collector)}/v1/${signal}`);
}
