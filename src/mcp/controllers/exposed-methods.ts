import type { Type } from '@nestjs/common';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';

import { methodsOf } from '../catalog/discovery.js';
import type { Method } from '../catalog/method-runner.js';
import { overriddenOffers } from '../catalog/overridden.js';
import { misplacedOffersOf } from '../decorators/offer-method.js';
import { type ExposeAsToolOptions, exposedOptionsOf } from '../decorators/expose-as-tool.decorator.js';

/** Method of a class that is declared as a tool. */
export interface ExposedMethod {
  readonly module: Module;
  readonly wrapper: InstanceWrapper<unknown>;
  readonly type: Type<object>;
  readonly method: Method;
  readonly methodName: string;
  readonly options: ExposeAsToolOptions;
}

/** Returns the exposed methods of controllers, each class once. */
export function exposedIn(modules: readonly Module[]): ExposedMethod[] {
  const seen = new Set<unknown>();
  return modules.flatMap((module) =>
    [...module.controllers.values()].flatMap((wrapper) => {
      if (seen.has(wrapper.metatype)) return [];
      seen.add(wrapper.metatype);
      return exposedBy(module, wrapper);
    }),
  );
}

/**
 * Returns the problems of methods that are exposed on providers, which have no routes, of misplaced decorators and of
 * methods that override an exposed one.
 */
export const misplacedIn = (modules: readonly Module[], added: readonly Module[]): string[] => [
  ...overriddenIn(modules, added),
  ...added.flatMap((module) => [
    ...[...module.controllers.values()].flatMap(misplacedOn),
    ...[...module.providers.values()]
      .flatMap((wrapper) => exposedBy(module, wrapper))
      .map(
        ({ type, methodName }) =>
          `${type.name}.${methodName}: @ExposeAsTool() is on a provider, which has no route. Use @McpTool().`,
      ),
  ]),
];

/** A base class that is a controller too keeps the tool. */
function overriddenIn(modules: readonly Module[], added: readonly Module[]): string[] {
  const known = prototypesIn(modules);
  return [...prototypesIn(added)].flatMap((prototype) =>
    overriddenOffers(
      prototype,
      (method) => (exposedOptionsOf(method) ? ['@ExposeAsTool()'] : []),
      (base) => known.has(base),
    ),
  );
}

function prototypesIn(modules: readonly Module[]): Set<object> {
  const types = modules
    .flatMap(({ controllers }) => [...controllers.values()])
    .map(({ metatype }): unknown => metatype);
  return new Set(types.filter(isType).map(({ prototype }): object => prototype));
}

function misplacedOn({ metatype: type }: InstanceWrapper<unknown>): string[] {
  if (!isType(type)) return [];
  const prototype: object = type.prototype;
  return misplacedOffersOf(prototype);
}

function exposedBy(module: Module, wrapper: InstanceWrapper<unknown>): ExposedMethod[] {
  const { metatype: type } = wrapper;
  if (!isType(type) || wrapper.isAlias) return [];
  const prototype: object = type.prototype;
  return methodsOf(prototype).flatMap(({ method, methodName }) => {
    const options = exposedOptionsOf(method);
    return options ? [{ module, wrapper, type, method, methodName, options }] : [];
  });
}

/** Whether the class of a provider or controller is known. */
export const isType = (type: unknown): type is Type<object> =>
  typeof type === 'function' && typeof type.prototype === 'object' && type.prototype !== null;
