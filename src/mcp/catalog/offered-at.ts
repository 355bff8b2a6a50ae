import { ModuleRef } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';

import { DEFAULT_ENDPOINT } from '../../routes/endpoint-name.js';
import { endpointOf } from '../../routes/provider-of.js';
import { didYouMean } from '../../values/closest-name.js';

/** Injection token of the endpoints that offer what a module provides. */
export const OFFERED_AT = Symbol('OFFERED_AT');

/** Endpoints that offer what a module provides. A module that names none belongs to the default one. */
export const endpointsOf = (module: Module): readonly string[] => namedBy(module) ?? [DEFAULT_ENDPOINT];

/** Finds modules that name an endpoint that does not exist. */
export const endpointProblems = (modules: readonly Module[]): string[] =>
  modules.flatMap((module) =>
    unknownEndpoints(namedBy(module) ?? [], modules).map((problem) => `${declarationOf(module)}: ${problem}`),
  );

/** Returns a problem for each endpoint that does not exist. */
export function unknownEndpoints(endpoints: readonly string[], modules: readonly Module[]): string[] {
  const known = modules.flatMap((module) => endpointOf(module) ?? []);
  return endpoints
    .filter((endpoint) => !known.includes(endpoint))
    .map(
      (endpoint) =>
        `there is no endpoint "${endpoint}".${didYouMean(endpoint, known)} ` +
        `Use one of ${known.join(', ')}, or add AerieModule.forRoot(…, { endpoint: "${endpoint}" }).`,
    );
}

/** Finds endpoints in modules that were loaded after the start, when NestJS registers no routes. */
export const lateEndpointProblems = (loaded: readonly Module[]): string[] =>
  loaded
    .flatMap((module) => endpointOf(module) ?? [])
    .map(
      (endpoint) =>
        `AerieModule.forRoot() for the endpoint "${endpoint}" was loaded while the application runs, so it has no ` +
        'routes. Import it in the root module, and load only the modules of its tools later.',
    );

function namedBy(module: Module): readonly string[] | undefined {
  const endpoints: unknown = module.providers.get(OFFERED_AT)?.instance;
  return Array.isArray(endpoints) ? endpoints.map(String) : undefined;
}

/** Names the call that made a module, and the classes that the module provides. One made of OpenAPI provides none. */
function declarationOf(module: Module): string {
  const classes = [...module.providers.values()]
    .filter(({ isFactory, token }) => !isFactory && token !== module.metatype && token !== ModuleRef)
    .map(({ metatype }) => metatype?.name ?? '')
    .filter((name) => name !== '')
    .join(', ');
  return classes === '' ? 'AerieModule.fromOpenApi()' : `AerieModule.forFeature() with ${classes}`;
}
