import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';

import { CatalogService } from './catalog.service.js';
import { DeclaredOffers } from './declared-offers.js';
import { Discovery } from './discovery.js';
import { LateModules } from './late-modules.js';
import { LiveCatalog } from './live-catalog.js';
import { MethodRunnerFactory } from './method-runner.js';

/** Finds what the application offers, and compiles it. Global, so that it starts before the application's modules. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [Discovery, DeclaredOffers, MethodRunnerFactory, CatalogService, LateModules, LiveCatalog],
  exports: [CatalogService, LiveCatalog],
})
export class CatalogModule {}
