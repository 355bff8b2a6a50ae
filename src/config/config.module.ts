import type { DynamicModule } from '@nestjs/common';
import { type ConfigFactory, ConfigModule, registerAs } from '@nestjs/config';

import { type Configuration, CONFIGURATION_NAMESPACE } from './configuration.js';

/**
 * Provides `CONFIGURATION`, the namespaces of the deployment, and `ConfigService`, which also reads every variable. The
 * module is global, so any provider can inject them.
 */
export function configModule(
  configuration: Configuration,
  namespaces: readonly ConfigFactory[],
): Promise<DynamicModule> {
  return ConfigModule.forRoot({
    isGlobal: true,
    cache: true,
    ignoreEnvFile: true, // readConfiguration() has already loaded it into process.env
    load: [registerAs(CONFIGURATION_NAMESPACE, () => configuration), ...namespaces],
  });
}
