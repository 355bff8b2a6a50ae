import type { KoaContextWithOIDC } from 'oidc-provider';

import type { IssuerUrls } from './issuer-urls.js';

/** Parameter that marks an authorization request to the environment. It lasts until the response. */
export const OF_ENVIRONMENT = 'aerie_of_environment';

/**
 * Names the environment as the issuer of responses to authorization requests that its metadata led to (RFC 9207 §2.4).
 * `oidc-provider` knows only the issuer of the resource.
 */
export const nameEnvironment =
  ({ environment, resourceIssuer }: IssuerUrls) =>
  async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const location = ctx.response.get('location');
    if (location === '' || !ctx.path.startsWith('/oauth/authorize')) return;
    // A request that is refused early has no parameters but those of its query.
    const parameters = ctx.oidc.params ?? ctx.query;
    if (parameters[OF_ENVIRONMENT] === undefined) return;
    ctx.set('location', location.replace(issuerIn(resourceIssuer), issuerIn(environment)));
  };

const issuerIn = (issuer: string): string => new URLSearchParams({ iss: issuer }).toString();
