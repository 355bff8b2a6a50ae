import { type DynamicModule, type FactoryProvider, Module, type ModuleMetadata } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from './configuration.js';

/** Factory of the configuration, and the modules of the providers that it needs. */
export type ConfigurationFactory = Pick<ModuleMetadata, 'imports'> &
  Pick<FactoryProvider<Configuration>, 'inject' | 'useFactory'>;

/** Provides the configuration to every module. */
@Module({})
export class ConfigurationModule {
  /** @param routes routes that are registered; the configuration must name the same */
  static register(
    { imports = [], inject = [], useFactory }: ConfigurationFactory,
    routes: { readonly path: string; readonly sse: boolean },
  ): DynamicModule {
    return {
      module: ConfigurationModule,
      global: true,
      imports,
      providers: [
        {
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
        },
      ],
      exports: [CONFIGURATION],
    };
  }
}
