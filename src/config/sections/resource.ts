import { z } from 'zod';

import type { ProtectedResourceMetadata } from '../../oauth/protected-resource-metadata.js';
import { ScopeHierarchy } from '../../oauth/scope-hierarchy.js';
import { OFFLINE_ACCESS } from '../../oauth/sign-in-scopes.js';
import { httpUrl } from '../../values/http-url.js';
import { parsedBy, scope, words } from '../formats.js';
import { withoutSlash } from '../../values/without-slash.js';
import { section, variable } from '../variable.js';

/** Path without characters that a router could interpret as a pattern. */
export const PLAIN_PATH = /^\/[\w\-./~]*$/;

export const resource = section(
  'Endpoint and scopes',
  {
    AUTH_MODE: variable({
      schema: words(z.enum(['scalekit', 'jwt', 'dev']), 1),
      otherwise: '`scalekit` with `SK_ENV_URL`, else `dev`',
      description:
        'trusted issuers: `scalekit`, `jwt` for [your own keys](own-keys.md), `dev` for the embedded issuer (not in production), or two of them: `scalekit,jwt` or `dev,jwt`',
      remedy: 'Use "scalekit", "jwt", "dev" or two of them, such as "scalekit,jwt", or leave it unset.',
      example: 'scalekit',
    }),
    RESOURCE_URL: variable({
      schema: httpUrl,
      otherwise: 'from `PROTECTED_RESOURCE_METADATA`; in development a loopback URL',
      description: "the endpoint's public URL",
      remedy: "Use the endpoint's public URL, such as https://mcp.example.com/mcp",
      example: 'https://mcp.example.com/mcp',
      setByContainer: true,
    }),
    MCP_PATH: variable({
      schema: z.string().regex(PLAIN_PATH),
      otherwise: 'the path of the resource',
      description: 'path of the endpoint; needed only if a proxy strips a prefix',
      remedy: 'Use a plain path that begins with a slash, such as /mcp',
      example: '/mcp',
      setByContainer: true,
    }),
    SIGN_IN_SCOPES: variable({
      schema: words(scope),
      otherwise: '[those of read-only tools](authorization.md#first-sign-in)',
      description: 'scopes requested at first sign-in',
      remedy: 'List scopes, separated by spaces.',
      example: 'usr:read org:read',
    }),
    SCOPE_HIERARCHY: variable({
      schema: parsedBy((chains) => ScopeHierarchy.parse(chains)),
      otherwise: 'no scope includes another',
      description:
        '[which scopes include others](authorization.md#broader-and-narrower-scopes), such as `admin > todo:write > todo:read`',
      remedy: 'Use chains such as "admin > todo:write > todo:read", separated by semicolons.',
      example: 'admin > todo:*; todo:write > todo:read',
    }),
    INSUFFICIENT_SCOPE_AS: variable({
      schema: z.enum(['challenge', 'result']),
      default: 'challenge',
      description: 'with `result`, a call without the required scopes gets a tool result instead of HTTP 403',
      remedy: 'Use "challenge" or "result".',
    }),
  },
  (values, metadata: ProtectedResourceMetadata) => {
    const url = new URL(metadata.resource);
    const authorizationServer = metadata.authorization_servers?.[0];
    return {
      resource: {
        /** Public URL of the endpoint: RFC 9728 `resource`, RFC 8707 resource indicator. */
        url: metadata.resource,
        /** Path under which this process serves the endpoint; differs from the path of the URL only behind a proxy. */
        path: values.MCP_PATH ?? url.pathname,
        /** URL of the metadata document (RFC 9728 §3.1). */
        metadataUrl: wellKnown(url, 'oauth-protected-resource'),
        /** Configured or derived metadata document; `scopes_supported` may be missing. */
        metadata,
        /** URL of the authorization server's metadata (RFC 8414 §3.1); undefined without an authorization server. */
        authorizationServerMetadataUrl:
          authorizationServer && wellKnown(new URL(authorizationServer), 'oauth-authorization-server'),
        /** `scope` of the first challenge; undefined to derive it from the declared scopes. */
        signInScopes: values.SIGN_IN_SCOPES?.filter((one) => one !== OFFLINE_ACCESS),
      },
      /** Defines which scopes include others. */
      scopeHierarchy: values.SCOPE_HIERARCHY ?? ScopeHierarchy.flat,
      /** Response to a call without the required scope: HTTP 403 with a challenge, or a tool result. */
      insufficientScopeAs: values.INSUFFICIENT_SCOPE_AS,
    } as const;
  },
);

/** Builds `https://host/.well-known/name/a/b` from `https://host/a/b` and `name` (RFC 8414 §3.1, RFC 9728 §3.1). */
const wellKnown = (url: URL, name: string): string =>
  `${url.origin}/.well-known/${name}${withoutSlash(url.pathname)}`;
