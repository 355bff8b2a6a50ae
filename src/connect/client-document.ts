import type { Configuration } from '../config/configuration.js';
import { withoutSlash } from '../values/without-slash.js';

/** Path of the document below the endpoint. */
export const CLIENT_DOCUMENT = '/connect/client.json';

/**
 * Returns the Client ID Metadata Document of the connect page, with which it signs in without registration; undefined
 * for an endpoint on http, because such a document must have an https URL.
 */
export function clientDocument({ resource, server }: Configuration): object | undefined {
  if (!resource.url.startsWith('https:')) return undefined;
  return {
    client_id: below(resource.url, CLIENT_DOCUMENT),
    client_name: connectClientName(server),
    client_uri: resource.url,
    redirect_uris: [resource.url],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
}

/** Name of the page as an OAuth client. */
export const connectClientName = ({ title, name }: Configuration['server']): string =>
  `${title ?? name} connect page`;

/** Returns the URL or path of something below the endpoint. */
export const below = (endpoint: string, path: string): string => withoutSlash(endpoint) + path;
