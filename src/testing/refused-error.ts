import { z } from 'zod';

/** Thrown when the application refuses a request of a client: 401, 403, 429 or 503. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(
    readonly status: number,
    /** Error code of the challenge (RFC 6750 §3.1), such as `invalid_token`. */
    readonly code: string | undefined,
    description: string,
    /** Scopes that the challenge asks for. */
    readonly scopes: readonly string[],
  ) {
    super(`The application refused the request with ${status}: ${description}`);
  }
}

const REFUSALS: readonly number[] = [401, 403, 429, 503];

/** Returns the error for the response of a refused request; undefined for any other response. */
export async function refusalIn(response: Response): Promise<RefusedError | undefined> {
  if (!REFUSALS.includes(response.status)) return undefined;
  const challenge = response.headers.get('www-authenticate') ?? '';
  const parameter = (name: string): string | undefined =>
    new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const scopes = parameter('scope')?.split(' ') ?? [];
  return new RefusedError(response.status, parameter('error'), descriptionIn(await response.text()), scopes);
}

const body = z.union([
  z.object({ error_description: z.string() }).transform(({ error_description }) => error_description),
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
]);

/** Returns the description in an OAuth or JSON-RPC error, or the text itself. */
function descriptionIn(text: string): string {
  try {
    return body.parse(JSON.parse(text));
  } catch {
    return text;
  }
}
