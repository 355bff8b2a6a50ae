import { readFileSync } from 'node:fs';
import type { AgentOptions } from 'node:https';

import { agentOptions } from './outgoing-proxy.js';

/** Options of TLS, and the ends of the standard variables that name their files. */
const FILES = [
  ['ca', 'CERTIFICATE'],
  ['cert', 'CLIENT_CERTIFICATE'],
  ['key', 'CLIENT_KEY'],
] as const;

/** Options of an exporter of OTLP. */
interface Collector {
  readonly url: string;
  readonly httpAgentOptions: AgentOptions;
}

/**
 * Returns the options of an exporter that sends a signal to a collector, with the TLS files of the standard variables,
 * which an exporter no longer reads when it is given options of its agent.
 *
 * @throws {Error} when a file cannot be read, which the configuration reports earlier
 */
export function collectorAt(
  url: string,
  signal: 'TRACES' | 'METRICS' | 'LOGS',
  variables: NodeJS.ProcessEnv,
): Collector {
  const httpAgentOptions: AgentOptions = agentOptions();
  for (const [option, end] of FILES) {
    const variable = [`OTEL_EXPORTER_OTLP_${signal}_${end}`, `OTEL_EXPORTER_OTLP_${end}`].find(
      (name) => variables[name],
    );
    if (variable !== undefined) httpAgentOptions[option] = readFileSync(variables[variable] ?? '');
  }
  return { url, httpAgentOptions };
}
