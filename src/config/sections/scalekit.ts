import { z } from 'zod';

import { httpUrl } from '../../values/http-url.js';
import { commaSeparated, text } from '../formats.js';
import { section, variable } from '../variable.js';

/** Facts about the authorization server that this section does not read itself. */
interface AuthorizationServer {
  readonly environmentUrl: string;
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
}

export const scalekit = section(
  'Scalekit',
  {
    SK_ENV_URL: variable({
      schema: httpUrl,
      description: 'the Scalekit environment, without a path',
      remedy: 'Use the environment URL that Scalekit shows, such as https://acme.scalekit.com',
      example: 'https://acme.scalekit.com',
      setByContainer: true,
    }),
    SK_CLIENT_ID: variable({
      schema: text,
      description: "client id; needed only to call Scalekit's API, not to validate tokens",
      remedy: 'Use the client id that Scalekit shows.',
      example: 'skc_1234567890',
    }),
    SK_CLIENT_SECRET: variable({
      schema: text,
      description: 'secret of `SK_CLIENT_ID`',
      remedy: 'Use the client secret that Scalekit shows.',
      secret: true,
      setByContainer: true,
    }),
    PROTECTED_RESOURCE_METADATA: variable({
      schema: text,
      otherwise: 'derived from `MCP_SERVER_ID` and `RESOURCE_URL`',
      description: 'the metadata JSON from the dashboard, unchanged, on one line, in single quotes',
      remedy: 'Paste the JSON that Scalekit shows, on one line.',
      example:
        '\'{"authorization_servers":["https://acme.scalekit.com/resources/res_123"],"bearer_methods_supported":["header"],"resource":"https://mcp.example.com/mcp","scopes_supported":["usr:read"]}\'',
    }),
    MCP_SERVER_ID: variable({
      schema: z.string().regex(/^res_\w+$/),
      otherwise: 'from `PROTECTED_RESOURCE_METADATA`',
      description: 'the `res_…` id that Scalekit shows for the MCP server',
      remedy: 'Use the id that Scalekit shows for the MCP server; it begins with "res_".',
      example: 'res_123',
    }),
    EXPECTED_AUDIENCE: variable({
      schema: commaSeparated(),
      otherwise: 'the resource URL and the `res_…` id',
      description: 'accepted audiences, separated by commas',
      remedy: "List the server's URL and/or its res_… id, separated by commas.",
      example: 'https://mcp.example.com/mcp,res_123',
    }),
  },
  (values, server: AuthorizationServer | undefined) =>
    ({
      /** Scalekit, or the embedded issuer in its place; undefined if neither is trusted. */
      scalekit: server && {
        environmentUrl: server.environmentUrl,
        clientId: values.SK_CLIENT_ID,
        clientSecret: values.SK_CLIENT_SECRET,
        /** Accepted `iss` values: the environment and, if known, the authorization server of the resource. */
        issuers: server.issuers,
        /** Accepted `aud` values; a token needs one of them. */
        audiences: server.audiences,
      },
    }) as const,
);
