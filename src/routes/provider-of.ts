import type { INestApplicationContext, Type } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';

import { DEFAULT_ENDPOINT, ENDPOINT } from './endpoint-name.js';

/** Returns the endpoint that a module serves, if any. */
export function endpointOf(module: Module): string | undefined {
  const endpoint: unknown = module.providers.get(ENDPOINT)?.instance;
  return typeof endpoint === 'string' ? endpoint : undefined;
}

/**
 * Returns a provider of one endpoint. `application.get()` would return that of any endpoint.
 *
 * @throws {Error} when the application has no such endpoint
 */
export function providerOf<Value>(
  application: INestApplicationContext,
  token: Type<Value> | (abstract new (...parameters: never) => Value) | string | symbol,
  endpoint = DEFAULT_ENDPOINT,
): Value {
  const module = [...application.get(ModulesContainer).values()].find((one) => endpointOf(one) === endpoint);
  const moduleRef = module?.getProviderByKey<ModuleRef>(ModuleRef).instance;
  if (!moduleRef) throw new Error(`The application has no endpoint "${endpoint}".`);
  return moduleRef.get<Value>(token, { strict: true });
}
