import { Global, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';

import { abandonUnreadBodies } from './abandon-unread-bodies.js';
import { ConnectionDrain } from './connection-drain.js';
import { Lifecycle } from './lifecycle.js';
import { NotFoundFilter } from './not-found.filter.js';
import { ReleaseConnectionsMiddleware } from './release-connections.middleware.js';

/** How every route behaves, whatever it is for. */
@Global()
@Module({
  providers: [
    ConnectionDrain,
    Lifecycle,
    ReleaseConnectionsMiddleware,
    { provide: APP_FILTER, useClass: NotFoundFilter },
  ],
  exports: [Lifecycle],
})
export class HttpModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(abandonUnreadBodies, ReleaseConnectionsMiddleware).forRoutes('{*path}');
  }
}
