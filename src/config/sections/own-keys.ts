import { z } from 'zod';

import type { PublicJwk } from '../../oauth/public-jwk.js';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../../oauth/signature-algorithms.js';
import { httpUrl } from '../../values/http-url.js';
import { commaSeparated, durationUpTo, scope, text, words } from '../formats.js';
import { section, variable } from '../variable.js';

/** Settings that are checked against each other before this section reads the others. */
export interface CheckedKeys {
  /** Public keys; undefined if they are fetched from `jwksUri`. */
  readonly keys: readonly PublicJwk[] | undefined;
  /** Accepted `iss` values. */
  readonly issuers: readonly string[];
  /** Accepted `aud` values; a token needs one of them. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly SignatureAlgorithm[];
}

const claim = { schema: text, remedy: 'Use the name of a claim.' };

export const ownKeys = section(
  'Tokens of your own keys',
  {
    JWT_PUBLIC_KEY: variable({
      schema: text,
      description:
        'one or more public keys in PEM (line breaks can be written as `\\n`), a JWK or a JWK Set: RSA of 2048 bits or more, EC (P-256, P-384, P-521), Ed25519',
      remedy: 'Use a public key in PEM or JWK format, preferably from a file: JWT_PUBLIC_KEY_FILE.',
      exampleFile: './public.pem',
      setByContainer: true,
    }),
    JWT_JWKS_URI: variable({
      schema: httpUrl,
      description:
        'alternative to `JWT_PUBLIC_KEY`: URL of a JWK Set, https in production; `SIGNING_KEYS_…` control how it is fetched',
      remedy: 'Use the URL of a JWK Set, such as https://login.example.com/jwks.json',
      example: 'https://login.example.com/jwks.json',
    }),
    JWT_ISSUER: variable({
      schema: commaSeparated(1),
      description: 'accepted `iss`, separated by commas; these rules apply to tokens with this issuer',
      remedy: 'List the "iss" values of your tokens, separated by commas.',
      example: 'https://machines.example.com',
    }),
    JWT_AUDIENCE: variable({
      schema: commaSeparated(1),
      otherwise: '`RESOURCE_URL`',
      description: 'accepted `aud`, separated by commas; a token needs one of them',
      remedy: 'List the accepted "aud" values, separated by commas.',
      example: 'my-mcp-server',
    }),
    JWT_ALGORITHMS: variable({
      schema: words(z.enum(SIGNATURE_ALGORITHMS), 1),
      otherwise: 'depends on the keys',
      description:
        "accepted asymmetric algorithms; by default RS256 for an RSA key, the curve's algorithm for an EC key, EdDSA for Ed25519, the `alg` of a JWK, and RS256, ES256 and EdDSA for a URL",
      remedy: `List asymmetric algorithms, separated by commas: ${SIGNATURE_ALGORITHMS.join(', ')}.`,
      example: 'RS256',
    }),
    JWT_REQUIRED_SCOPES: variable({
      schema: words(scope, 1),
      description: 'scopes that every such token needs, for every request',
      remedy: 'List scopes, separated by spaces.',
      example: 'read write',
    }),
    JWT_CLOCK_TOLERANCE: variable({
      schema: durationUpTo(300_000),
      description: 'accepted clock difference to the signer, at most `5m`',
      remedy: 'Use a duration of at most 5m, such as 10s, or leave it unset.',
      example: '10s',
    }),
    JWT_CLAIM_SUBJECT: variable({
      ...claim,
      otherwise: '`sub`',
      description: 'claim with the subject',
      example: 'sub',
    }),
    JWT_CLAIM_CLIENT: variable({
      ...claim,
      otherwise: '`client_id`, else `azp`, else the subject',
      description: 'claim with the client',
      example: 'client_id',
    }),
    JWT_CLAIM_ORGANIZATION: variable({
      ...claim,
      otherwise: '`org_id`, else `oid`',
      description: 'claim with the organization',
      example: 'https://example.com/org',
    }),
    JWT_CLAIM_SCOPES: variable({
      ...claim,
      otherwise: '`scope`, `scp` and `scopes` together',
      description: 'claim with the scopes: a list, or a string separated by spaces or commas',
      example: 'scope',
    }),
    JWT_CLAIM_ROLES: variable({
      ...claim,
      otherwise: '`roles`',
      description: 'claim with the roles: a list, or one role as a string',
      example: 'roles',
    }),
    JWT_CLAIM_PERMISSIONS: variable({
      ...claim,
      otherwise: '`permissions`',
      description: 'claim with the permissions: a list, or one permission as a string',
      example: 'permissions',
    }),
  },
  (values, checked: CheckedKeys | undefined) =>
    ({
      /** Tokens signed with the operator's own keys; undefined if they are not trusted. */
      ownKeys: checked && {
        ...checked,
        jwksUri: values.JWT_JWKS_URI,
        /** Scopes that every such token needs, in addition to those of each tool. */
        requiredScopes: values.JWT_REQUIRED_SCOPES ?? [],
        /** Tolerated clock difference, milliseconds. */
        clockTolerance: values.JWT_CLOCK_TOLERANCE ?? 0,
        /** Claim names that replace the defaults. */
        claims: {
          subject: values.JWT_CLAIM_SUBJECT,
          client: values.JWT_CLAIM_CLIENT,
          organization: values.JWT_CLAIM_ORGANIZATION,
          scopes: values.JWT_CLAIM_SCOPES,
          roles: values.JWT_CLAIM_ROLES,
          permissions: values.JWT_CLAIM_PERMISSIONS,
        },
      },
    }) as const,
);
