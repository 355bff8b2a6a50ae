import { LRUCache } from 'lru-cache';

const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 1_500;
const MAX_LOGOS = 100;
const LIFETIME_MS = 10 * 60_000;

/** Types of images that cannot run scripts in an `img` element. */
const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/svg+xml'];

/** Loads a logo as a `data:` URL; returns undefined if there is none. */
export type LoadLogo = (logoUri: string | undefined) => Promise<string | undefined>;

/**
 * Creates the loader of logos. The issuer loads them instead of the browser, so that the host of a logo does not learn
 * who signs in.
 *
 * @param fetchPublic `fetch` for public addresses only
 */
export function logoLoader(fetchPublic: typeof fetch): LoadLogo {
  const known = new LRUCache<string, { readonly logo: string | undefined }>({
    max: MAX_LOGOS,
    ttl: LIFETIME_MS,
  });
  return async (logoUri) => {
    if (logoUri?.startsWith('https://') !== true) return undefined;
    const kept = known.get(logoUri);
    if (kept) return kept.logo;
    const logo = await load(logoUri, fetchPublic).catch(() => undefined);
    known.set(logoUri, { logo });
    return logo;
  };
}

async function load(logoUri: string, fetchPublic: typeof fetch): Promise<string | undefined> {
  const response = await fetchPublic(logoUri, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (response.status !== 200 || !response.body || !IMAGE_TYPES.includes(type)) {
    await response.body?.cancel();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return `data:${type};base64,${Buffer.concat(chunks).toString('base64')}`;
}
