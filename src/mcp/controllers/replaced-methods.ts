import type { Type } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/internal';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';

import { accessDecoratorsOf } from '../../auth/access-decorators.js';
import { addKnownClass, checkPerRequest, refuseUnknownClasses } from '../../auth/known-handlers.js';
import { hasMembers } from '../../values/has-members.js';
import { holdsObject, methodsOf } from '../catalog/discovery.js';
import { basesOf, nameOf } from '../catalog/overridden.js';
import { exposedOptionsOf } from '../decorators/expose-as-tool.decorator.js';
import { isType } from './exposed-methods.js';

type IsRestricted = (type: Type) => boolean;

/** Tells the guard of the classes of controllers and providers, and what to check when their instances are created. */
export function prepareGuard(modules: readonly Module[], isRestricted: IsRestricted): void {
  const wrappers = modules.flatMap(({ controllers, providers }): InstanceWrapper<unknown>[] => [
    ...controllers.values(),
    ...providers.values(),
  ]);
  for (const type of wrappers.map(({ metatype }): unknown => metatype).filter(isType)) {
    const prototype: object = type.prototype;
    [type, prototype.constructor].filter(isType).forEach(addKnownClass);
  }
  for (const wrapper of controllersIn(modules).filter(isPerRequest)) {
    if (isAtRisk(wrapper, isRestricted)) refuseUnknownClasses();
    const prototype = prototypeOf(wrapper);
    if (!hasRestrictedMethod(prototype)) continue;
    const methods = methodsOf(prototype).map(({ method }) => method);
    checkPerRequest(
      prototype,
      methods.filter((method) => Reflect.hasMetadata(PATH_METADATA, method)),
    );
  }
}

/**
 * Returns the problems of controllers whose instances replace methods with decorators. The guard checks the handlers of
 * controllers whose instances are created per request.
 */
export function replacedIn(modules: readonly Module[]): string[] {
  const problems = controllersIn(modules).flatMap((wrapper) => [
    ...lostByInstance(wrapper),
    ...replacedToolsOf(wrapper),
  ]);
  return [...new Set(problems)];
}

/**
 * Returns the problems of controllers whose instances have another `constructor` than their prototype. Guards read the
 * decorators of the class from it.
 *
 * @param isRestricted whether a class has access decorators
 */
export const disguisedIn = (modules: readonly Module[], isRestricted: IsRestricted): string[] =>
  controllersIn(modules)
    .filter((wrapper) => wrapper.instance.constructor !== prototypeOf(wrapper).constructor)
    .filter((wrapper) => isAtRisk(wrapper, isRestricted))
    .map(
      ({ name }) =>
        `${name}: no guard enforces its @RequireScopes() or the like or @Protect(), because an instance decorator replaces "constructor". Let it return "constructor" unchanged.`,
    );

/**
 * Returns the problems of decorators that the methods of an instance lack. NestJS finds routes on the prototype, but
 * reads the metadata of their handlers from the instance.
 */
function lostByInstance(wrapper: InstanceWrapper<object>): string[] {
  const prototype = prototypeOf(wrapper);
  return methodsOf(prototype).flatMap(({ method, methodName }) => {
    const handler: unknown = Reflect.get(wrapper.instance, methodName);
    const lost = accessDecoratorsOf(method, hasMembers(handler) ? handler : {});
    const declaring = [prototype, ...basesOf(prototype)].find((one) => Object.hasOwn(one, methodName));
    return lost.map((decorator) => replaced(nameOf(declaring ?? prototype, methodName), decorator));
  });
}

/** A tool tells its own route from others by the declared method. */
const replacedToolsOf = (wrapper: InstanceWrapper<object>): string[] =>
  methodsOf(prototypeOf(wrapper))
    .filter(({ method }) => exposedOptionsOf(method))
    .filter(({ method, methodName }) => Reflect.get(wrapper.instance, methodName) !== method)
    .map(({ methodName }) => replaced(`${wrapper.name}.${methodName}`, '@ExposeAsTool()'));

const replaced = (method: string, decorator: string): string =>
  `${method}: the constructor, a class field, an instance decorator or a spy of a test replaces the method, so ${decorator} has no effect. Keep the method as declared.`;

const isAtRisk = (wrapper: InstanceWrapper<object>, isRestricted: IsRestricted): boolean =>
  (isType(wrapper.metatype) && isRestricted(wrapper.metatype)) || hasRestrictedMethod(prototypeOf(wrapper));

const hasRestrictedMethod = (prototype: object): boolean =>
  methodsOf(prototype).some(({ method }) => accessDecoratorsOf(method).length > 0);

const controllersIn = (modules: readonly Module[]): InstanceWrapper<object>[] =>
  modules
    .flatMap((module): InstanceWrapper<unknown>[] => [...module.controllers.values()])
    .filter(holdsObject);

const isPerRequest = (wrapper: InstanceWrapper<object>): boolean => !wrapper.isDependencyTreeStatic();

const prototypeOf = ({ instance }: InstanceWrapper<object>): object => Object.getPrototypeOf(instance) ?? {};
