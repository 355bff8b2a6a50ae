import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  Logger,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { AerieModule } from './aerie.module.js';
import { configModule } from './config/config.module.js';
import { CONFIGURATION, type Configuration } from './config/configuration.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import type { LineLog } from './logging/line-log.js';
import { CatalogService } from './mcp/catalog/catalog.service.js';
import { OrganizationContexts } from './mcp/context/organization-contexts.js';
import type { Observer } from './observation/observer.js';
import { CLAIMS } from './tools/claims.js';
import { SETTINGS } from './tools/settings.js';
import { ToolsModule } from './tools/tools.module.js';

/** Root module: imports one module per folder. */
@Module({ imports: [HttpModule, HealthModule] })
export class AppModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  #end = 0;

  constructor(
    private readonly organizations: OrganizationContexts,
    private readonly catalog: CatalogService,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  onApplicationBootstrap(): void {
    const { tools, resources, templates, prompts } = this.catalog.current;
    if ([tools, resources, templates, prompts].some(({ length }) => length > 0)) return;
    new Logger('Tools').warn(
      'The server offers no tools. Write one with: npm run aerie -- new tool <name>. To try the demo tools, set DEMO_TOOLS=on.',
    );
  }

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
    observers: readonly Observer[],
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
          observers,
          connectPage: 'root',
        }),
        DatabaseModule,
        ToolsModule,
        ...(configuration.demoTools ? [await demoTools(configuration)] : []),
        ...further,
      ],
    };
  }
}

/** Loads the demo tools only if they are on, so that a deployment neither offers nor loads them by accident. */
async function demoTools({ database }: Configuration): Promise<DynamicModule> {
  const { DemoToolsModule } = await import('./tools/demo/demo-tools.module.js');
  return DemoToolsModule.register(database !== undefined);
}
