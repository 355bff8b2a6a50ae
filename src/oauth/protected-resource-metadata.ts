import { z } from 'zod';

import { httpUrl } from '../values/http-url.js';
import { SCOPE_TOKEN } from './scope-token.js';

/** Schema of a protected resource metadata document (RFC 9728 §2). */
export const protectedResourceMetadata = z.looseObject({
  resource: httpUrl,
  /** Missing if tokens are only signed with the operator's own keys. */
  authorization_servers: z.tuple([httpUrl], httpUrl).optional(),
  scopes_supported: z.array(z.string().regex(SCOPE_TOKEN)).readonly().optional(),
});

/** Protected resource metadata document (RFC 9728 §2), including any further members. */
export type ProtectedResourceMetadata = Readonly<z.output<typeof protectedResourceMetadata>>;
