import { Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';

import { ConnectionDrain } from './connection-drain.js';
import { Lifecycle } from './lifecycle.js';
import { NotFoundFilter } from './not-found.filter.js';
import { OpenFiles } from './open-files.js';

/** Provides behavior that all routes share: shutdown and responses for unknown paths. */
@Global()
@Module({
  providers: [ConnectionDrain, Lifecycle, OpenFiles, { provide: APP_FILTER, useClass: NotFoundFilter }],
  exports: [Lifecycle],
})
export class HttpModule {}
