import { type DynamicModule, Module, type NestModule } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import cors from 'cors';

import { decorated } from '../routes/decorated.js';
import { leaveOutOfPrefix } from '../routes/leave-out-of-prefix.js';
import { MetadataController } from './metadata.controller.js';

const PATHS = ['/.well-known/oauth-protected-resource', '/.well-known/oauth-authorization-server'];

/** Provides the discovery documents of all endpoints, which every web page can read. */
@Module({})
export class MetadataModule implements NestModule {
  /** @param decorators class decorators for the controller */
  static register(decorators: readonly ClassDecorator[] = []): DynamicModule {
    return { module: MetadataModule, controllers: [decorated(MetadataController, decorators)] };
  }

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly application: ApplicationConfig,
  ) {}

  /** Not as NestJS middleware, which would apply the global prefix of the application. */
  configure(): void {
    leaveOutOfPrefix(this.application, PATHS);
    this.adapterHost.httpAdapter.use(PATHS, cors({ origin: '*', methods: ['GET'], maxAge: 600 }));
  }
}
