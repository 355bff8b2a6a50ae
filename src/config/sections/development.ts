import { DEV_RESOURCE_ID } from '../dev-resource-id.js';
import { port } from '../formats.js';
import { section, variable } from '../variable.js';

export const development = section(
  'Development',
  {
    DEV_ISSUER_PORT: variable({
      schema: port,
      default: '3003',
      description:
        'port of the embedded issuer, which logs each request as `issuer request`, with the reason of a refusal',
      remedy: 'Use a port number, 1 to 65535.',
      setByContainer: true,
    }),
  },
  (values, hasIssuer: boolean, isTest: boolean) =>
    ({
      /** Embedded issuer; undefined unless `authModes` includes `dev`. */
      devIssuer: hasIssuer
        ? {
            port: values.DEV_ISSUER_PORT,
            resourceId: DEV_RESOURCE_ID,
            /** Whether the server starts without the issuer if its port is in use: tests run several at a time. */
            isOptional: isTest,
          }
        : undefined,
    }) as const,
);
