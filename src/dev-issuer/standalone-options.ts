import { z } from 'zod';
import { httpUrl } from '../values/http-url.js';
import { SCOPE_TOKEN } from '../oauth/scope-token.js';
import type { DevIssuerOptions } from './dev-issuer.js';
import { DEV_RESOURCE_ID } from '../config/dev-resource-id.js';

/** Environment variables of the standalone issuer. */
const schema = z.object({
  NODE_ENV: z.enum(
    ['development', 'test'],
    'must be "development" or "test", because this issuer signs anybody in',
  ),
  ISSUER_PORT: z
    .string()
    .regex(/^\d+$/, 'is not a valid port')
    .transform(Number)
    .pipe(z.number().max(65_535, 'is not a valid port'))
    .default(3003),
  ISSUER_LISTEN_HOST: z.string().default('127.0.0.1'),
  ISSUER_PUBLIC_URL: httpUrl.optional(),
  ISSUER_SCOPES: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((scope) => scope !== ''))
    .pipe(z.array(z.string().regex(SCOPE_TOKEN, 'is not a valid list of scopes')))
    .default([]),
  ISSUER_STATE: z.string().optional(),
  RESOURCE_URL: httpUrl,
  MCP_SERVER_ID: z.string().startsWith('res_', 'is not a res_… id').default(DEV_RESOURCE_ID),
});

/**
 * Reads the issuer's options from the environment. An empty value counts as unset.
 *
 * @throws {Error} that lists each invalid variable. NODE_ENV must be `development` or `test`, because this issuer signs
 *   anybody in
 */
export function standaloneOptions(variables: NodeJS.ProcessEnv): DevIssuerOptions {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
  const { success, data, error } = schema.safeParse(given);
  if (!success) {
    const problems = error.issues.map(({ path: [name], message }) => `  ${String(name)}: ${message}`);
    throw new Error(['The development issuer cannot start.', ...problems].join('\n'));
  }
  return {
    port: data.ISSUER_PORT,
    listenHost: data.ISSUER_LISTEN_HOST,
    resourceUrl: data.RESOURCE_URL,
    resourceId: data.MCP_SERVER_ID,
    scopes: () => data.ISSUER_SCOPES,
    ...(data.ISSUER_PUBLIC_URL && { publicUrl: data.ISSUER_PUBLIC_URL }),
    ...(data.ISSUER_STATE && { stateDirectory: data.ISSUER_STATE }),
  };
}
