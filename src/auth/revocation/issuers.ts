import type { Configuration } from '../../config/configuration.js';

type Issuers = Pick<Configuration, 'scalekit' | 'ownKeys'>;

/** Issuer of the tokens of one MCP server in Scalekit. Its environment issues tokens with either `iss`. */
const RESOURCE_ISSUER = /^(https?:\/\/[^/]+)\/resources\/res_\w+$/;

/** Returns the issuers of a Principal at the default endpoint. */
export const principalIssuers = ({ scalekit, ownKeys }: Issuers): readonly string[] => [
  ...(scalekit ? [scalekit.environmentUrl] : []),
  ...(ownKeys?.issuers ?? []),
];

/**
 * Returns the issuer of a Principal for an `iss`. All endpoints share the list of revocations, so the `iss` may be one
 * that only another endpoint trusts.
 */
export function principalIssuer(iss: string, configuration: Issuers): string {
  if (principalIssuers(configuration).includes(iss)) return iss;
  return RESOURCE_ISSUER.exec(iss)?.[1] ?? iss;
}
