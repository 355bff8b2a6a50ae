import { type DynamicModule, Module } from '@nestjs/common';

import { type LineLog, LOG } from './line-log.js';

/** Provides the log to every module. */
@Module({})
export class LoggingModule {
  static register(log: LineLog): DynamicModule {
    return {
      module: LoggingModule,
      global: true,
      providers: [{ provide: LOG, useValue: log }],
      exports: [LOG],
    };
  }
}
