import type { FactoryProvider } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from './configuration.js';

/** Provides the configuration of an endpoint, which must name the routes that are registered. */
export const configurationProvider = ({
  inject = [],
  useFactory,
  ...routes
}: Pick<FactoryProvider<Configuration>, 'inject' | 'useFactory'> & {
  readonly path: string;
  readonly sse: boolean;
}): FactoryProvider<Configuration> => ({
  provide: CONFIGURATION,
  inject,
  useFactory: async (...dependencies: unknown[]) => {
    const configuration = await useFactory(...dependencies);
    const { resource, sessions } = configuration;
    if (resource.path !== routes.path) {
      throw new Error(
        `The endpoint is registered at ${routes.path}, but its configuration names ${resource.path}. ` +
          'Use the same path in both.',
      );
    }
    if (sessions.sse !== routes.sse) {
      throw new Error(
        `HTTP+SSE is ${routes.sse ? 'on' : 'off'} in the module, but not in its configuration (MCP_SSE). ` +
          'Use the same in both.',
      );
    }
    return configuration;
  },
});
