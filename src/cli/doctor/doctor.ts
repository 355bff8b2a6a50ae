import { parseEndpointUrl } from '../client/target.js';
import { type Io, writeJson } from '../terminal/io.js';
import { printable } from '../terminal/printable.js';
import { readSentToken } from '../terminal/read-token.js';
import { UsageError } from '../terminal/usage-error.js';
import { checkAuthorizationServer, checkMirror } from './authorization-server.js';
import { checkChallenge, metadataUrlIn } from './challenge.js';
import { checkConnection, checkPlainHttp, noAnswer } from './connection.js';
import { checkCors } from './cors.js';
import { initialization } from './endpoint.js';
import type { Finding } from './finding.js';
import { checkMetadata } from './metadata.js';
import { NoAnswerError, probe } from './probe.js';
import { checkToken } from './token.js';

/** Statuses that a request without a token gets at another address than the endpoint, or under another host name. */
const NOT_THE_ENDPOINT = new Set([403, 404, 405]);

/** Options of the command line. */
export interface DoctorOptions {
  readonly token?: string;
  readonly origin: string;
  readonly json?: true;
}

/**
 * Looks at a server as a client does, and prints what would break a client.
 *
 * @returns 0, or 1 if there is an error
 * @throws {UsageError} when the URL, the origin or the token is invalid
 */
export async function doctor(given: string, options: DoctorOptions, io: Io): Promise<number> {
  const url = parseEndpointUrl(given);
  const { origin } = options;
  if (URL.parse(origin)?.origin !== origin)
    throw new UsageError(
      `--origin "${origin}" is not the origin of a page, such as https://app.example.com.`,
    );
  const token = options.token === undefined ? undefined : await readSentToken(options.token, io);
  const findings = await examine(url, origin, token, io.env);
  if (options.json) writeJson(io, { url: url.href, findings });
  else io.stdout.write(printable(describe(url, findings)));
  return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** @returns the findings in the order in which a client meets them */
async function examine(
  url: URL,
  origin: string,
  token: string | undefined,
  variables: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  try {
    const first = await probe(url, initialization());
    const challenge = checkChallenge(first);
    const { findings: all, authorizationServer } = await checkMetadata(url, metadataUrlIn(first));
    const findings = first.status === 200 ? all.map(asPublic) : all;
    // This address is not that of the endpoint. All other findings follow from that, except the one with the right address.
    if (NOT_THE_ENDPOINT.has(first.status))
      return [...challenge, ...findings.filter(({ id }) => id === 'resource_mismatch')];
    return [
      ...(await checkConnection(url, first)),
      ...(await checkPlainHttp(url)),
      ...challenge,
      ...findings,
      ...(authorizationServer === undefined
        ? []
        : [...(await checkAuthorizationServer(authorizationServer)), ...(await checkMirror(url))]),
      ...(await checkCors(url, origin)),
      ...(token === undefined ? [] : await checkToken(url, token, Date.now())),
    ];
  } catch (thrown) {
    if (thrown instanceof NoAnswerError) return [noAnswer(thrown, variables)];
    throw thrown;
  }
}

/** No client needs the metadata of a public server. */
const asPublic = (finding: Finding): Finding =>
  finding.id === 'metadata_missing' ? { ...finding, severity: 'warning' } : finding;

function describe(url: URL, findings: readonly Finding[]): string {
  if (findings.length === 0) return `${url.href}: no findings.\n`;
  const entries = findings.map(({ id, severity, problem, remedy, clients }) =>
    [
      `${severity === 'error' ? 'Error' : 'Warning'}: ${problem} [${id}]`,
      `  → ${remedy}`,
      ...(clients.length > 0 ? [`  Breaks: ${clients.join(', ')}.`] : []),
    ].join('\n'),
  );
  return `${url.href}: ${findings.length} finding${findings.length === 1 ? '' : 's'}.\n\n${entries.join('\n\n')}\n`;
}
