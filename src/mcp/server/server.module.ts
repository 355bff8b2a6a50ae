import { Module } from '@nestjs/common';

import { AuthorizationModule } from '../authorization/authorization.module.js';
import { CatalogModule } from '../catalog/catalog.module.js';
import { InvocationModule } from '../invocation/invocation.module.js';
import { Listings } from './listings.js';
import { SdkServers } from './sdk-servers.js';

/** Creates the servers of the SDK. */
@Module({
  imports: [CatalogModule, AuthorizationModule, InvocationModule],
  providers: [Listings, SdkServers],
  exports: [Listings, SdkServers],
})
export class ServerModule {}
