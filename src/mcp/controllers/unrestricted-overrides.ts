import type { Type } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/internal';
import type { Module } from '@nestjs/core/injector/module.js';

import { accessDecoratorsOf } from '../../auth/access-decorators.js';
import { accessDeclarationsOf, isRestrictedItself } from '../../auth/access/require.decorators.js';
import { isPublicHandler, isPublicItself } from '../../auth/public.decorator.js';
import { holdsObject, methodNamed, methodsOf } from '../catalog/discovery.js';
import type { Method } from '../catalog/method-runner.js';
import { basesOf, inWords, nameOf, restrictionsOf } from '../catalog/overridden.js';
import { exposedOptionsOf } from '../decorators/expose-as-tool.decorator.js';
import { declaredOptionsOf } from '../decorators/offer-options.js';
import { isType } from './exposed-methods.js';

type GuardOf = (method: Method, type: Type) => string | undefined;

/**
 * Finds routes and offers without an access decorator that override a method with one. A decorator belongs to its
 * method, so the override is open to callers that the overridden method refuses, unless its class has one.
 *
 * @param guardOf returns the endpoint whose guard covers a method of a controller
 */
export function unrestrictedOverrides(modules: readonly Module[], guardOf: GuardOf): string[] {
  const prototypes = modules
    .flatMap(({ controllers, providers }) => [...controllers.values(), ...providers.values()])
    .filter(({ isAlias }) => !isAlias)
    .filter(holdsObject)
    .map(({ instance }): object => Object.getPrototypeOf(instance) ?? {});
  const problems = [...new Set(prototypes)].flatMap((prototype) =>
    methodsOf(prototype).flatMap(({ method, methodName }) =>
      isRoute(method) || isOffered(method) ? problemOf(prototype, method, methodName, guardOf) : [],
    ),
  );
  return [...new Set(problems)];
}

function problemOf(prototype: object, method: Method, name: string, guardOf: GuardOf): string[] {
  if (decides(method)) return [];
  const classes = [prototype, ...basesOf(prototype)];
  const own = classes.find((one) => Object.hasOwn(one, name));
  const base = classes.find((one) => Object.hasOwn(one, name) && decides(methodNamed(one, name)));
  const replaced = base && methodNamed(base, name);
  if (!own || !replaced) return [];
  if (classes.slice(0, classes.indexOf(own) + 1).some(decidesForAll)) return [];
  const { constructor: type } = prototype;
  const isOpened = isRoute(method) && isType(type) && guardOf(method, type) !== guardOf(replaced, type);
  if (accessDecoratorsOf(replaced).length === 0) return []; // only @Public()
  if (accessDeclarationsOf(replaced).length === 0 && !isOpened) return [];
  const decorators = restrictionsOf(replaced);
  const repeat = `Repeat the decorator${decorators.length === 1 ? '' : 's'}`;
  return [
    `${nameOf(own, name)}: it overrides ${nameOf(base, name)}, which has ${inWords(decorators)}, but has no access ` +
      `decorator itself. ${repeat}, or add @Public() to ${isRoute(method) ? 'open the route' : 'offer it without'}.`,
  ];
}

/** Whether a method says who may use it. */
const decides = (method: Method | undefined): boolean =>
  method !== undefined && (accessDecoratorsOf(method).length > 0 || isPublicHandler(method));

/** Whether a class, not only its base class, says who may use its methods. */
const decidesForAll = ({ constructor: type }: object): boolean =>
  isRestrictedItself(type) || isPublicItself(type);

const isRoute = (method: Method): boolean => Reflect.hasMetadata(PATH_METADATA, method);

const isOffered = (method: Method): boolean =>
  declaredOptionsOf(method) !== undefined || exposedOptionsOf(method) !== undefined;
