import { type DynamicModule, Global, Module, type OnModuleInit } from '@nestjs/common';
import { Reflector, RouterModule } from '@nestjs/core';

import { isPublic } from '../../auth/public.decorator.js';
import { decorated } from '../../routes/decorated.js';
import { AdmissionModule } from '../admission/admission.module.js';
import { AuthorizationModule } from '../authorization/authorization.module.js';
import { CatalogModule } from '../catalog/catalog.module.js';
import { EventsModule } from '../events/events.module.js';
import { ServerModule } from '../server/server.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { FastPath } from './fast-path.js';
import { Listeners } from './listeners.js';
import { McpController } from './mcp.controller.js';
import { McpEndpoint } from './mcp-endpoint.js';
import { ModernExchanges } from './modern-exchanges.js';

/** Serves the one endpoint. Global, so that it stops after the application's modules. */
@Global()
@Module({
  imports: [CatalogModule, AuthorizationModule, EventsModule, AdmissionModule, ServerModule, SessionsModule],
  providers: [FastPath, ModernExchanges, Listeners, McpEndpoint],
})
export class StreamableHttpModule implements OnModuleInit {
  constructor(private readonly reflector: Reflector) {}

  /**
   * @param path where the endpoint is served, such as `/mcp` or `/`
   * @param decorators class decorators for the endpoint's controller
   */
  static register(path: string, decorators: readonly ClassDecorator[]): DynamicModule {
    return {
      module: StreamableHttpModule,
      imports: [RouterModule.register([{ path, module: StreamableHttpModule }])],
      controllers: [decorated(McpController, decorators)],
    };
  }

  /** @throws {Error} when the endpoint is public: it requires a token, always */
  onModuleInit(): void {
    const isOpen = isPublic(this.reflector, Reflect.get(McpController.prototype, 'handle'), McpController);
    if (isOpen) {
      throw new Error('Aerie cannot start: the MCP endpoint is marked @Public(). Remove it.');
    }
  }
}
