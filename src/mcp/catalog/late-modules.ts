import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';

import { CatalogService } from './catalog.service.js';

/** Adds the declarations of modules that NestJS's LazyModuleLoader loads while the server runs. */
@Injectable()
export class LateModules implements OnModuleInit {
  constructor(
    private readonly loader: LazyModuleLoader,
    private readonly catalog: CatalogService,
  ) {}

  /** Wraps `load`, because NestJS has no event for a loaded module. `load` throws if a declaration is invalid. */
  onModuleInit(): void {
    const load = this.loader.load.bind(this.loader);
    let loading = 0;
    this.loader.load = async (...parameters) => {
      loading++;
      try {
        return await load(...parameters);
      } finally {
        loading--;
        // A concurrent call may not have created the instances of its module yet.
        if (loading === 0) this.catalog.offerLoaded();
      }
    };
  }
}
