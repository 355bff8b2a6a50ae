import { RequestMethod } from '@nestjs/common';
import { MODULE_PATH, PATH_METADATA } from '@nestjs/common/internal';
import { ApplicationConfig, MetadataScanner, ModuleRef, type ModulesContainer } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';
import { PathsExplorer } from '@nestjs/core/router/paths-explorer.js';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';

import { withoutSlash } from '../values/without-slash.js';

/** Route of a controller, without the global prefix and versions. */
interface DeclaredRoute {
  /** Class and method, for messages. */
  readonly name: string;
  readonly method: RequestMethod;
  readonly path: string;
}

/** Controllers of Aerie, and its exceptions from global prefixes. */
const own = new WeakSet<object>();

const explorer = new PathsExplorer(new MetadataScanner());

/**
 * Leaves the routes of one of Aerie's modules out of the application's global prefix, in addition to the application's
 * own exceptions. Clients find the discovery documents only at the root of the host (RFC 9728 §3.1), and the endpoint
 * only at the path of its public URL.
 *
 * An exception must match no other route. NestJS reads the exceptions for middleware before modules can add any, so the
 * route would lose the middleware of the application.
 *
 * @param reference reference that NestJS injects into the module. An instance decorator may replace the module itself
 * @throws {Error} when no module has the reference
 */
export function leaveOutOfPrefix(
  application: ApplicationConfig,
  modules: ModulesContainer,
  reference: ModuleRef,
): void {
  const options = application.getGlobalPrefixOptions();
  const module = [...modules.values()].find(
    (one) => one.getProviderByKey<ModuleRef>(ModuleRef).instance === reference,
  );
  if (!module) throw new Error('The routes to leave out of the global prefix are those of no module.');
  const exclude = routesIn(module, modules.applicationId).map(({ path, method }) => ({
    path,
    pathRegex: new RegExp(`^${withoutSlash(path).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}/?$`),
    requestMethod: method,
  }));
  for (const exception of exclude) own.add(exception);
  for (const { metatype } of module.controllers.values()) if (metatype) own.add(metatype);
  application.setGlobalPrefixOptions({ ...options, exclude: [...(options.exclude ?? []), ...exclude] });
}

/**
 * Finds routes of the application that would leave the global prefix because Aerie has a route at their path.
 *
 * @param applicationId id of the container of all modules
 */
export function routesTakenOutOfPrefix(
  application: ApplicationConfig,
  modules: readonly Module[],
  applicationId: string,
): string[] {
  const globalPrefix = application.getGlobalPrefix();
  const options = application.getGlobalPrefixOptions();
  const without = new ApplicationConfig();
  without.setGlobalPrefixOptions({
    ...options,
    exclude: options.exclude?.filter((exception) => !own.has(exception)) ?? [],
  });
  const pathIn = (config: ApplicationConfig, { path, method }: DeclaredRoute): string =>
    new RoutePathFactory(config).create({ methodPath: path, globalPrefix }, method).join();
  return modules
    .flatMap((module) => routesIn(module, applicationId, (controller) => !own.has(controller)))
    .filter((route) => pathIn(application, route) !== pathIn(without, route))
    .map(
      ({ name, path }) =>
        `${name}: its path ${path} belongs to Aerie, which leaves it out of the global prefix. Change the path of the ` +
        'route or of RESOURCE_URL, or exclude the route from the global prefix yourself.',
    );
}

/** Returns the routes of a module's controllers. */
function routesIn(
  { controllers, metatype: moduleType }: Module,
  applicationId: string,
  isIncluded: (controller: object) => boolean = () => true,
): DeclaredRoute[] {
  const modulePath: unknown =
    Reflect.getMetadata(MODULE_PATH + applicationId, moduleType) ??
    Reflect.getMetadata(MODULE_PATH, moduleType);
  return [...controllers.values()].flatMap(({ metatype: type }) => {
    if (typeof type !== 'function' || !isIncluded(type)) return [];
    const prototype: object = type.prototype;
    return explorer.scanForPaths(prototype, prototype).flatMap((route) =>
      textsIn(Reflect.getMetadata(PATH_METADATA, type)).flatMap((controllerPath) =>
        route.path.map((path) => ({
          name: `${type.name}.${route.methodName}`,
          method: route.requestMethod,
          path: joined(textsIn(modulePath)[0] ?? '', controllerPath, path),
        })),
      ),
    );
  });
}

/** Joins parts of a path as NestJS does, such as `/orders/:id`. */
const joined = (...parts: readonly string[]): string =>
  parts
    .filter((part) => part !== '')
    .reduce((path, part) => `${withoutSlash(path)}${part.startsWith('/') ? '' : '/'}${part}`, '');

const textsIn = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string');
