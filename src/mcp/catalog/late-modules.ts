import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LazyModuleLoader, ModuleRef, ModulesContainer } from '@nestjs/core';
import { STATIC_CONTEXT } from '@nestjs/core/injector/constants.js';
import type { Module } from '@nestjs/core/injector/module.js';

import { CatalogError } from './catalog-error.js';
import { CatalogService } from './catalog.service.js';

/** Catalogs of all endpoints of an application. */
const catalogsOf = new WeakMap<LazyModuleLoader, CatalogService[]>();

/** Adds the declarations of modules that NestJS's LazyModuleLoader loads while the server runs. */
@Injectable()
export class LateModules implements OnModuleInit {
  constructor(
    private readonly loader: LazyModuleLoader,
    private readonly modules: ModulesContainer,
    private readonly catalog: CatalogService,
  ) {}

  /** Wraps `load`, because NestJS has no event for a loaded module. `load` throws if a declaration is invalid. */
  onModuleInit(): void {
    const known = catalogsOf.get(this.loader);
    if (known) {
      known.push(this.catalog);
      return;
    }
    const catalogs = [this.catalog];
    catalogsOf.set(this.loader, catalogs);
    const load = this.loader.load.bind(this.loader);
    this.loader.load = async (...parameters) => {
      const loaded = await load(...parameters);
      const modules = this.#broughtBy(loaded);
      const problems = catalogs.flatMap((catalog) => catalog.offerLoaded(modules));
      if (problems.length > 0) throw new CatalogError(problems);
      return loaded;
    };
  }

  /** Returns a loaded module and its imports, without those that a concurrent load has not ended: it offers them. */
  #broughtBy(loaded: ModuleRef): Module[] {
    const found = new Set(
      [...this.modules.values()].filter(
        (module) => module.getProviderByKey<ModuleRef>(ModuleRef).instance === loaded,
      ),
    );
    for (const { imports } of found) imports.forEach((module) => found.add(module));
    return [...found].filter(isReady);
  }
}

/** Whether a module has its instances. Until then, NestJS has objects in their place on which no constructor has run. */
const isReady = ({ providers, injectables, controllers }: Module): boolean =>
  [...providers.values(), ...injectables.values(), ...controllers.values()].every(
    (wrapper) =>
      wrapper.isTransient ||
      !wrapper.isDependencyTreeStatic() ||
      wrapper.getInstanceByContextId(STATIC_CONTEXT).isResolved === true,
  );
