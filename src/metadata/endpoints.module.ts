import { Global, Module } from '@nestjs/common';

import { Endpoints } from './endpoints.js';

/** Provides the list of the application's endpoints. */
@Global()
@Module({ providers: [Endpoints], exports: [Endpoints] })
export class EndpointsModule {}
