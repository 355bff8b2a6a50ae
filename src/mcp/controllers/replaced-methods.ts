import type { Type } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/internal';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';

import { trackedMethodsOf } from '../../auth/member-tracking.js';
import { checkPerRequest, lostByInstance, replacedOnInstance } from '../../auth/replaced-methods.js';
import { holdsObject, methodsOf } from '../catalog/discovery.js';
import { exposedOptionsOf } from '../decorators/expose-as-tool.decorator.js';
import { isType } from './exposed-methods.js';

/**
 * Returns the problems of controllers whose instances replace methods with decorators. The guard checks the handlers of
 * controllers whose instances are created per request.
 */
export function replacedIn(modules: readonly Module[]): string[] {
  const controllers = controllersIn(modules);
  for (const prototype of controllers.filter(isPerRequest).map(prototypeOf)) {
    const methods = methodsOf(prototype).map(({ method }) => method);
    checkPerRequest(
      prototype,
      methods.filter((method) => Reflect.hasMetadata(PATH_METADATA, method)),
    );
  }
  const problems = controllers.flatMap((wrapper) => [
    ...lostByInstance(wrapper.instance),
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
export function disguisedIn(modules: readonly Module[], isRestricted: (type: Type) => boolean): string[] {
  const controllers = controllersIn(modules);
  // No instance that is created per request exists yet, but an instance decorator treats all controllers alike.
  const areDisguised = controllers.some(isDisguised);
  return controllers
    .filter((wrapper) => (isPerRequest(wrapper) ? areDisguised : isDisguised(wrapper)))
    .filter(
      ({ metatype, instance }) =>
        (isType(metatype) && isRestricted(metatype)) ||
        trackedMethodsOf(prototypeOf({ instance })).length > 0,
    )
    .map(
      ({ name }) =>
        `${name}: no guard enforces its @RequireScopes() or the like or @Protect(), because an instance decorator replaces "constructor". Let it return "constructor" unchanged.`,
    );
}

/** A tool tells its own route from others by the declared method. */
const replacedToolsOf = ({ instance, name }: InstanceWrapper<object>): string[] =>
  methodsOf(prototypeOf({ instance }))
    .filter(({ method }) => exposedOptionsOf(method))
    .filter(({ method, methodName }) => Reflect.get(instance, methodName) !== method)
    .map(({ methodName }) => replacedOnInstance(`${name}.${methodName}`, '@ExposeAsTool()'));

const controllersIn = (modules: readonly Module[]): InstanceWrapper<object>[] =>
  modules
    .flatMap((module): InstanceWrapper<unknown>[] => [...module.controllers.values()])
    .filter(holdsObject);

const isPerRequest = (wrapper: InstanceWrapper<object>): boolean => !wrapper.isDependencyTreeStatic();

const isDisguised = ({ instance }: InstanceWrapper<object>): boolean =>
  instance.constructor !== prototypeOf({ instance }).constructor;

const prototypeOf = ({ instance }: Pick<InstanceWrapper<object>, 'instance'>): object =>
  Object.getPrototypeOf(instance) ?? {};
