import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { AuthModule } from './auth/auth.module.js';
import { ProtectedResource } from './auth/protected-resource.js';
import { configModule } from './config/config.module.js';
import { CONFIGURATION, type Configuration } from './config/configuration.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { LimitsModule } from './limits/limits.module.js';
import type { Log } from './logging/log.js';
import { LoggingModule } from './logging/logging.module.js';
import { OrganizationContexts } from './mcp/context/organization-contexts.js';
import { McpModule } from './mcp/mcp.module.js';
import { MetadataModule } from './metadata/metadata.module.js';
import { RedisModule } from './redis/redis.module.js';
import { SETTINGS } from './tools/settings.js';
import { ToolsModule } from './tools/tools.module.js';

/** Root module: imports one module per folder. */
@Module({ imports: [HttpModule, AuthModule, LimitsModule, MetadataModule, HealthModule] })
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
    log: Log,
    further: NonNullable<ModuleMetadata['imports']> = [],
  ): Promise<DynamicModule> {
    return {
      module: AppModule,
      imports: [
        configModule(configuration, SETTINGS),
        LoggingModule.register(log),
        RedisModule,
        DatabaseModule,
        ToolsModule.register(configuration.database !== undefined),
        McpModule.register(configuration.resource.path),
        ...(configuration.sessions.sse ? [await sseEndpoints(configuration)] : []),
        ...(configuration.devIssuer
          ? [await embeddedIssuer(configuration, configuration.devIssuer, log)]
          : []),
        ...further,
      ],
    };
  }
}

/** Loads the SSE endpoints only if they are enabled, because they depend on another major version of the SDK. */
async function sseEndpoints({ resource }: Configuration): Promise<DynamicModule> {
  const { SseModule } = await import('./mcp/sse-2024/sse.module.js');
  return SseModule.register(resource.path);
}

/** Loads the embedded issuer only in development. Production neither includes nor loads it. */
async function embeddedIssuer(
  configuration: Configuration,
  { port, resourceId }: NonNullable<Configuration['devIssuer']>,
  log: Log,
): Promise<DynamicModule> {
  const { DevIssuerModule } = await import('./dev-issuer/dev-issuer.module.js');
  return DevIssuerModule.registerAsync({
    inject: [ProtectedResource],
    useFactory: (resource: ProtectedResource) => ({
      port,
      resourceId,
      resourceUrl: configuration.resource.url,
      scopes: () => resource.grantableScopes,
      stateDirectory: configuration.stateDirectory,
      onRequest: (record) => log[record.error ? 'warn' : 'info'](record, 'issuer request'),
    }),
  });
}
