import { X509Certificate } from 'node:crypto';

import { z } from 'zod';

import { ALL_CLIENTS, error, type Finding } from './finding.js';
import { type Answer, attempt } from './probe.js';

const keySetSchema = z.looseObject({
  keys: z.array(
    z.looseObject({
      kid: z.string().optional(),
      /** Not standard, but some issuers say when a key ends. */
      exp: z.number().optional(),
      x5c: z.array(z.string()).optional(),
    }),
  ),
});

type Key = z.infer<typeof keySetSchema>['keys'][number];

/** Checks that there are keys to verify tokens with, and that they are neither expired nor an old copy. */
export async function checkKeys(jwksUri: string | undefined): Promise<Finding[]> {
  const url = jwksUri === undefined ? null : URL.parse(jwksUri);
  if (!url) return []; // its tokens may be opaque
  const answer = await attempt(url, { headers: { accept: 'application/json' } });
  const { data } = keySetSchema.safeParse(answer?.status === 200 ? answer.json : undefined);
  if (!answer || !data)
    return [
      unusable(
        'keys_unreachable',
        `cannot be fetched (${answer ? `HTTP ${answer.status}` : 'no response'})`,
        url,
      ),
    ];
  if (data.keys.length === 0) return [unusable('keys_empty', 'is empty', url)];
  if (data.keys.every((key) => isExpired(key, answer.at)))
    return [unusable('keys_expired', 'has only expired keys', url)];
  return isOldCopy(answer) ? [unusable('keys_stale', 'is an old copy of a cache in between', url)] : [];
}

const unusable = (id: string, problem: string, url: URL): Finding =>
  error(id, {
    problem: `The key set ${url.href} ${problem}, so the server cannot verify new tokens.`,
    remedy: 'Correct jwks_uri or the keys at the authorization server, and clear caches in between.',
    clients: ALL_CLIENTS,
  });

function isExpired({ exp, x5c }: Key, now: number): boolean {
  if (exp !== undefined) return exp * 1000 <= now;
  const [certificate] = x5c ?? [];
  if (certificate === undefined) return false;
  try {
    return Date.parse(new X509Certificate(Buffer.from(certificate, 'base64')).validTo) <= now;
  } catch {
    return false; // not a certificate; the server uses the key itself
  }
}

/** Whether a cache in between served the response beyond its lifetime (RFC 9111 §4.2). */
function isOldCopy({ headers }: Answer): boolean {
  const maxAge = /\bmax-age=(\d+)/i.exec(headers.get('cache-control') ?? '')?.[1];
  const age = headers.get('age');
  return maxAge !== undefined && age !== null && Number(age) > Number(maxAge);
}
