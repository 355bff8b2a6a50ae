import type { Configuration } from '../config/configuration.js';

/** Endpoints and documents of an authorization server, where clients that find no other look for them. */
const OAUTH_PATH =
  /^\/(register|authorize|token)\/?$|\/\.well-known\/(oauth-authorization-server|openid-configuration)(\/|$)/;

/** Whether a client that asks for this path takes the server for an authorization server. */
export const isOAuthPath = (path: string): boolean => OAUTH_PATH.test(path);

/** Error response of OAuth (RFC 6749 §5.2, RFC 7591 §3.2.2): clients show its description. */
export function noSignIn({ resource }: Configuration): { error: string; error_description: string } {
  const [server] = resource.metadata.authorization_servers ?? [];
  return {
    error: 'invalid_request',
    error_description:
      server === undefined
        ? 'There is no sign-in here. Send a bearer token that this server accepts: "Authorization: Bearer <token>".'
        : `There is no sign-in here. The authorization server is ${server}: ${resource.authorizationServerMetadataUrl} says where clients register and sign in.`,
  };
}
