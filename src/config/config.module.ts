import type { DynamicModule } from '@nestjs/common';
import { type ConfigFactory, ConfigModule, registerAs } from '@nestjs/config';

import { type Configuration, CONFIGURATION_NAMESPACE } from './configuration.js';

/**
 * Provides `CONFIGURATION`, the namespaces of a deployment, and `ConfigService`, which also knows every variable.
 * Global, so that any provider can inject them.
 */
export function configModule(
  configuration: Configuration,
  namespaces: readonly ConfigFactory[],
): Promise<DynamicModule> {
  return ConfigModule.forRoot({
    isGlobal: true,
    cache: true,
    ignoreEnvFile: true, // readConfiguration() has put it into process.env
    load: [registerAs(CONFIGURATION_NAMESPACE, () => configuration), ...namespaces],
  });
}
