import { usesCollector } from './collector-problems.js';
import type { Environment } from './environment.js';

/** Values that Aerie supports. The standard says to ignore others, with a warning. */
const SUPPORTED: readonly (readonly [variable: RegExp, value: RegExp, instead: string])[] = [
  [
    /^OTEL_EXPORTER_OTLP_((TRACES|METRICS|LOGS)_)?PROTOCOL$/,
    /^http\/protobuf$/,
    'Aerie sends http/protobuf. Use the port of the collector for HTTP, such as 4318.',
  ],
  [
    /^OTEL_(TRACES|METRICS)_EXPORTER$/,
    /^(otlp|none)$/,
    'Aerie sends by otlp, or not at all with none. For Prometheus, set METRICS_PORT.',
  ],
  [
    /^OTEL_TRACES_SAMPLER$/,
    /^(parentbased_)?(always_on|always_off|traceidratio)$/,
    'Aerie traces every request. Use traceidratio or always_off.',
  ],
  [
    /^OTEL_TRACES_SAMPLER_ARG$/,
    /^(0(\.\d+)?|1(\.0+)?|\.\d+)$/,
    'Aerie traces every request. Use a share from 0 to 1.',
  ],
  [/^OTEL_PROPAGATORS$/, /^tracecontext(,baggage)?$/, 'Aerie propagates tracecontext only.'],
  [
    /^OTEL_(METRIC_EXPORT_(INTERVAL|TIMEOUT)|BSP_\w+|EXPORTER_OTLP_((TRACES|METRICS|LOGS)_)?TIMEOUT)$/,
    /^[1-9]\d{0,8}$/,
    'Aerie uses the default, or the longest possible time. Use a positive integer.',
  ],
  [
    /^OTEL_EXPORTER_OTLP_((TRACES|METRICS|LOGS)_)?COMPRESSION$/,
    /^(none|gzip)$/,
    'Aerie does not compress. Use gzip or none.',
  ],
];

/** Warns about standard variables of OpenTelemetry whose values have no effect. Unused variables are left alone. */
export function telemetryWarnings(environment: Partial<Environment>, variables: NodeJS.ProcessEnv): string[] {
  if (!usesCollector(environment)) return [];
  return Object.entries(variables).flatMap(([variable, value = '']) => {
    const given = value.trim();
    const rule = given === '' ? undefined : SUPPORTED.find(([name]) => name.test(variable));
    return !rule || rule[1].test(given) ? [] : [`${variable} is "${given}", which is ignored: ${rule[2]}`];
  });
}
