import { Global, Module } from '@nestjs/common';

import { Gauges } from './gauges.js';

/** Provides the gauges of the application, also to its own providers. All endpoints share them. */
@Global()
@Module({ providers: [Gauges], exports: [Gauges] })
export class ObservationModule {}
