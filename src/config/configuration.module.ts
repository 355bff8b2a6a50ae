import { type DynamicModule, type FactoryProvider, Module, type ModuleMetadata } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from './configuration.js';

/** Factory of the configuration, and the modules of the providers that it needs. */
export type ConfigurationFactory = Pick<ModuleMetadata, 'imports'> &
  Pick<FactoryProvider<Configuration>, 'inject' | 'useFactory'>;

/** Provides the configuration to every module. */
@Module({})
export class ConfigurationModule {
  /** @param path path at which the endpoint is registered; the configuration must name the same */
  static register(
    { imports = [], inject = [], useFactory }: ConfigurationFactory,
    path: string,
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
            if (configuration.resource.path === path) return configuration;
            throw new Error(
              `The endpoint is registered at ${path}, but its configuration names ${configuration.resource.path}. ` +
                'Use the same path in both.',
            );
          },
        },
      ],
      exports: [CONFIGURATION],
    };
  }
}
