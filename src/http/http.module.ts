import { Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';

import { ConnectionDrain } from './connection-drain.js';
import { Lifecycle } from './lifecycle.js';
import { NotFoundFilter } from './not-found.filter.js';

/** How every route behaves, whatever it is for. */
@Global()
@Module({
  providers: [ConnectionDrain, Lifecycle, { provide: APP_FILTER, useClass: NotFoundFilter }],
  exports: [Lifecycle],
})
export class HttpModule {}
