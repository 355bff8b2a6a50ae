import { Global, Module } from '@nestjs/common';

import { ResourceUpdates } from './resource-updates.js';

/** Provides the one source of resource updates, which all endpoints hear. */
@Global()
@Module({ providers: [ResourceUpdates], exports: [ResourceUpdates] })
export class ResourceUpdatesModule {}
