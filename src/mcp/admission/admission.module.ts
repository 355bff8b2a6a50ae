import { Module, type NestModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { AuthorizationModule } from '../authorization/authorization.module.js';
import { CallerModule } from '../context/caller.module.js';
import { InvocationModule } from '../invocation/invocation.module.js';
import { Admission } from './admission.js';
import { EdgeMiddleware } from './edge.middleware.js';

/** Checks requests before they are served: Host and Origin, limits, bodies. */
@Module({
  imports: [CallerModule, AuthorizationModule, InvocationModule],
  providers: [Admission, EdgeMiddleware],
  exports: [Admission, EdgeMiddleware],
})
export class AdmissionModule implements NestModule {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly edge: EdgeMiddleware,
  ) {}

  /** Before any route is registered. */
  configure(): void {
    this.adapterHost.httpAdapter.use(this.edge.use);
  }
}
