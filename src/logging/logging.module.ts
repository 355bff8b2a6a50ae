import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';

import { LOG, type Log } from './log.js';
import { RequestLogMiddleware } from './request-log.middleware.js';

/** Gives the one log to every module, and a line to every request. */
@Module({})
export class LoggingModule implements NestModule {
  static register(log: Log): DynamicModule {
    return {
      module: LoggingModule,
      global: true,
      providers: [{ provide: LOG, useValue: log }],
      exports: [LOG],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(RequestLogMiddleware).forRoutes('{*path}');
  }
}
