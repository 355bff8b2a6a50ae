import type { Type } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/internal';
import type { Module } from '@nestjs/core/injector/module.js';

import { accessDeclarationsOf } from '../../auth/access/require.decorators.js';
import { keptDecoratorsOf } from '../../auth/member-tracking.js';
import { isMarkedPublic } from '../../auth/public.decorator.js';
import { holdsObject, methodNamed, methodsOf } from '../catalog/discovery.js';
import type { Method } from '../catalog/method-runner.js';
import { accessDecoratorsOf, basesOf, inWords, nameOf } from '../catalog/overridden.js';
import { exposedOptionsOf } from '../decorators/expose-as-tool.decorator.js';
import { declaredOptionsOf } from '../decorators/offer-options.js';
import { isType } from './exposed-methods.js';

type GuardOf = (method: Method, type: Type) => string | undefined;

/**
 * Finds routes and offers without an access decorator that override a method with one. A decorator belongs to its
 * method, so the override is open to callers that the overridden method refuses.
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
  const [own, ...overridden] = [prototype, ...basesOf(prototype)].filter((one) => Object.hasOwn(one, name));
  if (!own || decides(own, name)) return [];
  const base = overridden.find((one) => decides(one, name));
  const replaced = base && methodNamed(base, name);
  if (!replaced) return [];
  const { constructor: type } = prototype;
  const isOpened = isRoute(method) && isType(type) && guardOf(method, type) !== guardOf(replaced, type);
  if (keptDecoratorsOf(base, name).length === 0) return []; // only @Public()
  if (accessDeclarationsOf(replaced).length === 0 && !isOpened) return [];
  const decorators = accessDecoratorsOf(base, name);
  const repeat = `Repeat the decorator${decorators.length === 1 ? '' : 's'}`;
  return [
    `${nameOf(own, name)}: it overrides ${nameOf(base, name)}, which has ${inWords(decorators)}, but has no access ` +
      `decorator itself. ${repeat}${isRoute(method) ? ', or add @Public() to open the route' : ''}.`,
  ];
}

/** Whether a class says who may use its method. */
function decides(prototype: object, name: string): boolean {
  const method = methodNamed(prototype, name);
  return keptDecoratorsOf(prototype, name).length > 0 || (method !== undefined && isMarkedPublic(method));
}

const isRoute = (method: Method): boolean => Reflect.hasMetadata(PATH_METADATA, method);

const isOffered = (method: Method): boolean =>
  declaredOptionsOf(method) !== undefined || exposedOptionsOf(method) !== undefined;
