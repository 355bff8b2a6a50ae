import type { Environment } from './environment.js';
import { openedUrls } from './postgres-file-problems.js';

/** Loopback addresses, sockets, and names without a dot, such as a service of the compose file. */
const NEAR = /^(127\..*|\[?::1\]?|\/.*|%2f.*|[^.:]*)$/i;
/** Values of `PGSSLMODE` with which pg verifies the server, if the URL says nothing of TLS. */
const VERIFYING = ['prefer', 'require', 'verify-ca', 'verify-full'];

/** Warns about connections to PostgreSQL on other machines without TLS that verifies the server. */
export const postgresTlsWarnings = (
  environment: Partial<Environment>,
  variables: NodeJS.ProcessEnv,
): string[] =>
  openedUrls(environment).flatMap(([variable, text]) => {
    const url = new URL(text);
    const host = [parameterOf(url, 'host'), url.hostname, variables['PGHOST']].find(Boolean) ?? 'localhost';
    if (NEAR.test(host) || (verifiesServer(url) ?? VERIFYING.includes(variables['PGSSLMODE'] ?? '')))
      return [];
    return [
      `${variable} connects to ${host} without TLS that verifies the server, so others in the network may read and change the data. Add sslmode=verify-full to its parameters, and sslrootcert if the CA is not public; see docs/database.md.`,
    ];
  });

/** Whether pg verifies the certificate of the server; undefined if the URL says nothing of TLS. */
function verifiesServer(url: URL): boolean | undefined {
  const mode = parameterOf(url, 'sslmode');
  const hasOwnCa = Boolean(parameterOf(url, 'sslrootcert'));
  if (mode && parameterOf(url, 'uselibpqcompat') === 'true')
    return mode.startsWith('verify-') || (mode === 'require' && hasOwnCa);
  if (mode) return mode !== 'disable' && mode !== 'no-verify';
  if (hasOwnCa || parameterOf(url, 'sslcert') || parameterOf(url, 'sslkey')) return true;
  const ssl = parameterOf(url, 'ssl');
  if (ssl !== undefined) return ssl === 'true' || ssl === '1';
  return parameterOf(url, 'sslnegotiation') === 'direct' ? true : undefined;
}

/** Returns the last value, which counts, as in pg. */
const parameterOf = (url: URL, name: string): string | undefined => url.searchParams.getAll(name).at(-1);
