import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { AerieModule } from './aerie.module.js';
import { configModule } from './config/config.module.js';
import { CONFIGURATION, type Configuration } from './config/configuration.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import type { LineLog } from './logging/line-log.js';
import { OrganizationContexts } from './mcp/context/organization-contexts.js';
import { CLAIMS } from './tools/claims.js';
import { SETTINGS } from './tools/settings.js';
import { ToolsModule } from './tools/tools.module.js';

/** Root module: imports one module per folder. */
@Module({ imports: [HttpModule, HealthModule] })
export class AppModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  #end = 0;

  constructor(
    private readonly organizations: OrganizationContexts,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  beforeApplicationShutdown(): void {
    this.#end = performance.now() + this.configuration.shutdownTimeout;
  }

  /**
   * Closes the providers of organizations here, because NestJS stops the root module first. They may depend on
   * resources that other modules close.
   */
  async onApplicationShutdown(): Promise<void> {
    await this.organizations.close(Math.max(0, this.#end - performance.now()));
  }

  /** @param further modules that a deployment or a test adds */
  static async register(
    configuration: Configuration,
    log: LineLog,
    further: NonNullable<ModuleMetadata['imports']> = [],
  ): Promise<DynamicModule> {
    return {
      module: AppModule,
      imports: [
        configModule(configuration, SETTINGS),
        await AerieModule.forRoot(configuration, {
          guard: 'global',
          claims: CLAIMS,
          log,
          logRequests: false,
        }),
        DatabaseModule,
        ToolsModule.register(configuration.database !== undefined),
        ...further,
      ],
    };
  }
}
