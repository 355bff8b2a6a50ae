import { type DynamicModule, Module, type NestModule, type OnModuleInit } from '@nestjs/common';
import { Reflector, RouterModule } from '@nestjs/core';

import { isPublic } from '../../auth/public.decorator.js';
import { decorated } from '../../routes/decorated.js';
import { AdmissionModule } from '../admission/admission.module.js';
import { EdgeMiddleware } from '../admission/edge.middleware.js';
import { EventsModule } from '../events/events.module.js';
import { InvocationModule } from '../invocation/invocation.module.js';
import { ServerModule } from '../server/server.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SseController } from './sse.controller.js';
import { V1Servers } from './v1-servers.js';

/** HTTP+SSE of revision 2024-11-05. When it is no longer needed, delete this folder and its imports. */
@Module({
  imports: [EventsModule, InvocationModule, AdmissionModule, ServerModule, SessionsModule],
  providers: [V1Servers],
})
export class SseModule implements NestModule, OnModuleInit {
  constructor(
    private readonly reflector: Reflector,
    private readonly edge: EdgeMiddleware,
  ) {}

  /**
   * @param path path of the MCP endpoint, under which the SSE endpoints are
   * @param decorators class decorators for the controller
   */
  static register(path: string, decorators: readonly ClassDecorator[] = []): DynamicModule {
    return {
      module: SseModule,
      imports: [RouterModule.register([{ path, module: SseModule }])],
      controllers: [decorated(SseController, decorators)],
    };
  }

  configure(): void {
    this.edge.protect('sse', 'messages');
  }

  /** @throws {Error} when an endpoint is public: all endpoints require a token */
  onModuleInit(): void {
    for (const name of ['open', 'handle'] as const) {
      if (isPublic(this.reflector, Reflect.get(SseController.prototype, name), SseController)) {
        throw new Error('Aerie cannot start: an SSE endpoint is marked @Public(). Remove it.');
      }
    }
  }
}
