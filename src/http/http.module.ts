import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';

import { abandonUnreadBodies } from './abandon-unread-bodies.js';
import { ConnectionDrain } from './connection-drain.js';
import { NotFoundFilter } from './not-found.filter.js';

/** How every route behaves, whatever it is for. */
@Module({ providers: [ConnectionDrain, { provide: APP_FILTER, useClass: NotFoundFilter }] })
export class HttpModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(abandonUnreadBodies).forRoutes('{*path}');
  }
}
