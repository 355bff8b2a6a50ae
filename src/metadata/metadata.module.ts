import { type DynamicModule, Module, type NestModule, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import cors from 'cors';

import { decorated } from '../routes/decorated.js';
import { leaveOutOfPrefix } from '../routes/leave-out-of-prefix.js';
import { redirectToAuthorizationServers } from './authorization-server-redirects.js';
import { Endpoints } from './endpoints.js';
import { MetadataController } from './metadata.controller.js';

const PATHS = ['/.well-known/oauth-protected-resource'];

/** Provides the discovery documents of all endpoints, which every web page can read. */
@Module({})
export class MetadataModule implements NestModule, OnModuleInit {
  /** @param decorators class decorators for the controller */
  static register(decorators: readonly ClassDecorator[] = []): DynamicModule {
    return { module: MetadataModule, controllers: [decorated(MetadataController, decorators)] };
  }

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly application: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly reference: ModuleRef,
    private readonly endpoints: Endpoints,
  ) {}

  /** Not as NestJS middleware, which would apply the global prefix of the application. */
  configure(): void {
    leaveOutOfPrefix(this.application, this.modules, this.reference);
    this.adapterHost.httpAdapter.use(PATHS, cors({ origin: '*', methods: ['GET'], maxAge: 600 }));
  }

  /** Runs after all routes are registered, and before the handler of requests that no route matches. */
  onModuleInit(): void {
    this.adapterHost.httpAdapter.use(redirectToAuthorizationServers(this.endpoints.all));
  }
}
