import { validateHeaderName, validateHeaderValue } from 'node:http';

import type { ConfigurationProblem } from './configuration-error.js';
import type { Environment } from './environment.js';
import { type PemContent, pemFileProblem } from './file-problem.js';

const FILE = /^OTEL_EXPORTER_OTLP_((TRACES|METRICS|LOGS)_)?(CERTIFICATE|CLIENT_CERTIFICATE|CLIENT_KEY)$/;
const HEADERS = /^OTEL_EXPORTER_OTLP_((TRACES|METRICS|LOGS)_)?HEADERS$/;

type Problem = Omit<ConfigurationProblem, 'variable'>;

/**
 * Finds TLS files of the collector that cannot be used, and headers that cannot be sent. Without the files, it would be
 * another collector. With the headers, each attempt to send would fail.
 */
export const collectorProblems = (
  environment: Partial<Environment>,
  variables: NodeJS.ProcessEnv,
): ConfigurationProblem[] =>
  Object.entries(usesCollector(environment) ? variables : {}).flatMap(([variable, value]) => {
    if (!value) return [];
    let found: Problem | undefined;
    if (FILE.test(variable))
      found = tlsFileProblem(value, variable.endsWith('KEY') ? 'private key' : 'certificate');
    else if (HEADERS.test(variable)) found = headersProblem(value);
    return found ? [{ variable, ...found }] : [];
  });

export const usesCollector = (environment: Partial<Environment>): boolean =>
  [
    environment.OTEL_EXPORTER_OTLP_ENDPOINT,
    environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    environment.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    environment.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT,
  ].some((url) => url !== undefined);

function tlsFileProblem(path: string, content: PemContent): Problem | undefined {
  const problem = pemFileProblem(path, content);
  return problem === undefined
    ? undefined
    : { problem, remedy: 'Name a file in PEM that the server can read, or remove it.' };
}

/** The problem does not repeat any header: with a mistake in it, even its name may contain the key. */
function headersProblem(list: string): Problem | undefined {
  const pairs = list.split(',').filter((pair) => pair.trim() !== '');
  return pairs.every((pair) => isHeader(pair))
    ? undefined
    : {
        problem: 'has a header that cannot be sent.',
        remedy:
          'Write name=value, with commas between several, such as Authorization=Bearer%20key. Percent-encode special characters of a value.',
      };
}

/** Reads a header as the exporters do. */
function isHeader(pair: string): boolean {
  const [header = ''] = pair.split(';');
  const end = header.indexOf('=');
  try {
    const name = decodeURIComponent(header.slice(0, Math.max(end, 0)).trim());
    const value = decodeURIComponent(header.slice(end + 1).trim());
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return value !== '';
  } catch {
    return false;
  }
}
