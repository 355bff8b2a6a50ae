import { Module } from '@nestjs/common';

import { Gauges } from './gauges.js';

/** Provides the gauges of the application. All endpoints share them. */
@Module({ providers: [Gauges], exports: [Gauges] })
export class ObservationModule {}
