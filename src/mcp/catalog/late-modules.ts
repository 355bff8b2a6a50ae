import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';

import { CatalogService } from './catalog.service.js';

/** Offers what a module declares that NestJS's LazyModuleLoader loads while the server runs. */
@Injectable()
export class LateModules implements OnModuleInit {
  constructor(
    private readonly loader: LazyModuleLoader,
    private readonly catalog: CatalogService,
  ) {}

  /** NestJS announces no loaded module, so the loader does. A declaration with faults makes its `load` throw. */
  onModuleInit(): void {
    const load = this.loader.load.bind(this.loader);
    let loading = 0;
    this.loader.load = async (...parameters) => {
      loading++;
      try {
        return await load(...parameters);
      } finally {
        loading--;
        // The instances of a module that another call still loads are not there yet.
        if (loading === 0) this.catalog.offerLoaded();
      }
    };
  }
}
