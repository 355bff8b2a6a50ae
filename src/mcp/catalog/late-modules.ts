import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';

import { messageOf } from '../../values/trace-of.js';
import { CatalogService } from './catalog.service.js';

/** Adds the declarations of modules that NestJS's LazyModuleLoader loads while the server runs. */
@Injectable()
export class LateModules implements OnModuleInit {
  readonly #logger = new Logger(LateModules.name);

  constructor(
    private readonly loader: LazyModuleLoader,
    private readonly catalog: CatalogService,
  ) {}

  /** Wraps `load`, because NestJS has no event for a loaded module. `load` throws if a declaration is invalid. */
  onModuleInit(): void {
    const load = this.loader.load.bind(this.loader);
    let loading = 0;
    const end = (): void => {
      loading--;
      // A concurrent call may not have created the instances of its module yet.
      if (loading === 0) this.catalog.offerLoaded();
    };
    this.loader.load = async (...parameters) => {
      loading++;
      const module = await load(...parameters).catch((error: unknown) => {
        try {
          end(); // offers the modules of concurrent calls
        } catch (problems) {
          this.#logger.error(messageOf(problems)); // this call fails for a reason of its own
        }
        throw error;
      });
      end();
      return module;
    };
  }
}
