import { type DynamicModule, Module } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from './configuration.js';

/** Gives the one {@link Configuration} to every module. */
@Module({})
export class ConfigModule {
  static register(configuration: Configuration): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: CONFIGURATION, useValue: configuration }],
      exports: [CONFIGURATION],
    };
  }
}
