import type { Configuration } from '../config/configuration.js';

/** Default paths of an authorization server, which clients try if they find no other authorization server. */
const OAUTH_PATH =
  /^\/(register|authorize|token)\/?$|\/\.well-known\/(oauth-authorization-server|openid-configuration)(\/|$)/;

/** Whether the path belongs to an authorization server. */
export const isOAuthPath = (path: string): boolean => OAUTH_PATH.test(path);

/** Returns an OAuth error response (RFC 6749 §5.2, RFC 7591 §3.2.2). Clients show its description. */
export function noSignIn({ resource }: Configuration): { error: string; error_description: string } {
  const [server] = resource.metadata.authorization_servers ?? [];
  return {
    error: 'invalid_request',
    error_description:
      server === undefined
        ? 'There is no sign-in here. Send a bearer token that this server accepts: "Authorization: Bearer <token>".'
        : `There is no sign-in here. Register and sign in at the authorization server ${server}: its metadata at ${resource.authorizationServerMetadataUrl} lists the endpoints.`,
  };
}
