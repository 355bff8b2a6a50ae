import { Global, Module } from '@nestjs/common';

import { AuthorizationModule } from '../authorization/authorization.module.js';
import { CatalogModule } from '../catalog/catalog.module.js';
import { ChangeEvents } from './change-events.js';
import { OpenStreams } from './open-streams.js';
import { ResourceUpdates } from './resource-updates.js';

/** Tells clients of changes. Global, so that it starts before the application's modules and stops after them. */
@Global()
@Module({
  imports: [CatalogModule, AuthorizationModule],
  providers: [ChangeEvents, ResourceUpdates, OpenStreams],
  exports: [ChangeEvents, ResourceUpdates, OpenStreams],
})
export class EventsModule {}
