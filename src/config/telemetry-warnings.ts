import { usesCollector } from './collector-problems.js';
import type { Environment } from './environment.js';

/** Maximum length of the name and of the value of an attribute, which the SDK enforces. */
const MAX_ATTRIBUTE_LENGTH = 255;

/** Values that Aerie supports. The standard says to ignore others, with a warning. */
const SUPPORTED: readonly (readonly [variable: RegExp, value: RegExp, instead: string])[] = [
  [/^OTEL_SDK_DISABLED$/, /^(true|false)$/i, 'Aerie sends traces and metrics. Use true or false.'],
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

/** Texts that the SDK does not read as they seem. Their warnings do not repeat values, which may be secret. */
const TEXTS: readonly (readonly [variable: RegExp, isRead: (text: string) => boolean, warning: string])[] = [
  [
    /^OTEL_EXPORTER_OTLP_ENDPOINT$/,
    (url) => !/\/v1\/(traces|metrics|logs)\/*$/.test(url),
    'ends with the path of one signal, and the path of each signal is appended to it. Write the URL without /v1/….',
  ],
  [
    /^OTEL_EXPORTER_OTLP_(TRACES|METRICS|LOGS)_ENDPOINT$/,
    (url) => !/^\w+:\/\/[^/]*\/?$/.test(url),
    'has no path, and none is appended to it. Collectors expect one, such as /v1/traces.',
  ],
  [
    /^OTEL_RESOURCE_ATTRIBUTES$/,
    (list) => pairsOf(list).every((pair) => isAttribute(pair)),
    'has an invalid attribute, so all of them are ignored. Write name=value, with commas between several, at most 255 characters each. Percent-encode "," and "=" in them.',
  ],
  [
    /^OTEL_EXPORTER_OTLP_((TRACES|METRICS|LOGS)_)?HEADERS$/,
    (list) => !list.includes(';'),
    'has a header with ";", which is sent only up to there. Write %3B instead.',
  ],
];

/** Warns about standard variables of OpenTelemetry whose values have no effect. Unused variables are left alone. */
export function telemetryWarnings(environment: Partial<Environment>, variables: NodeJS.ProcessEnv): string[] {
  if (!usesCollector(environment)) return [];
  return Object.entries(variables).flatMap(([variable, value = '']) => {
    const given = value.trim();
    if (given === '') return [];
    const text = TEXTS.find(([name]) => name.test(variable));
    if (text) return text[1](given) ? [] : [`${variable} ${text[2]}`];
    const rule = SUPPORTED.find(([name]) => name.test(variable));
    return !rule || rule[1].test(given) ? [] : [`${variable} is "${given}", which is ignored: ${rule[2]}`];
  });
}

const pairsOf = (list: string): string[] => list.split(',').filter((pair) => pair.trim() !== '');

/** Reads an attribute as the SDK does. */
function isAttribute(pair: string): boolean {
  const parts = pair.split('=').map((part) => part.trim());
  try {
    return (
      parts.length === 2 &&
      parts[0] !== '' &&
      parts.every((part) => decodeURIComponent(part).length <= MAX_ATTRIBUTE_LENGTH)
    );
  } catch {
    return false; // not percent-encoded
  }
}
