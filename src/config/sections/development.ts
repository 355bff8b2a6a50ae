import { DEV_RESOURCE_ID } from '../dev-resource-id.js';
import { onOff, port } from '../formats.js';
import { section, variable } from '../variable.js';

export const development = section(
  'Development',
  {
    DEV_ISSUER_PORT: variable({
      schema: port,
      default: '3003',
      description:
        'port of the embedded issuer, which logs each request as `issuer request`, with the reason of a refusal; with `NODE_ENV=test`, the server starts without the issuer if the port is in use',
      remedy: 'Use a port number, 1 to 65535.',
      setByContainer: true,
    }),
    DEMO_TOOLS: variable({
      schema: onOff,
      otherwise: 'in production `off`, else `on`',
      description: 'whether to offer the demo tools, such as `greet_user`: `on` or `off`',
      remedy: 'Use "on" or "off", or leave it unset.',
      example: 'off',
    }),
  },
  (
    values,
    hasIssuer: boolean,
    environment: 'development' | 'test' | 'production',
    maxTokenLifetime: number,
  ) =>
    ({
      /** Whether to load the demo tools of this repository. */
      demoTools: (values.DEMO_TOOLS ?? (environment === 'production' ? 'off' : 'on')) === 'on',
      /** Embedded issuer; undefined unless `authModes` includes `dev`. */
      devIssuer: hasIssuer
        ? {
            port: values.DEV_ISSUER_PORT,
            resourceId: DEV_RESOURCE_ID,
            /** An hour, unless the server accepts only shorter ones. */
            accessTokenLifetimeSeconds: Math.min(3_600, Math.floor(maxTokenLifetime / 1_000)),
            /** Whether the server starts without the issuer if its port is in use: tests run several at a time. */
            isOptional: environment === 'test',
          }
        : undefined,
    }) as const,
);
