import { INQUIRER, REQUEST } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';

import {
  type DeclaringClass,
  declaringClasses,
  isLeftOut,
  misplacedOffersOf,
} from '../decorators/offer-method.js';
import { isObject } from '../../values/is-object.js';
import { exposingClasses } from '../decorators/expose-as-tool.decorator.js';
import { declaredOptionsOf, decoratorsOf } from '../decorators/offer-options.js';
import { declaredMethodsOf, providersOf } from './discovery.js';
import { type Findings, noFindings } from './findings.js';
import { overriddenOffers } from './overridden.js';
import { providerName } from './provider-name.js';

/**
 * Finds declarations of tools, resources and prompts that cannot be offered.
 *
 * @param added modules whose declarations are not in the catalog yet
 */
export function notOffered(modules: readonly Module[], added: readonly Module[]): Findings {
  const providers = providersOf(modules);
  const prototypes = prototypesOf(providersOf(added));
  const findings = noFindings();
  findings.problems.push(
    ...unique([
      ...added.flatMap(outsideOfProviders),
      ...prototypes.flatMap(misplacedOffersOf),
      ...prototypes.flatMap((prototype) => overriddenOffers(prototype, offersOf)),
      ...providedTwice(providers),
      ...added.flatMap((module) => unknownFactories(module).flatMap(madeByFactory)),
    ]),
  );
  findings.warnings.push(...notProvided(modules), ...unique(providers.flatMap(notInjected)));
  return findings;
}

/**
 * TypeScript records the types of constructor parameters only for classes and parameters with a decorator. Without them,
 * NestJS creates the class all the same.
 */
function notInjected({ metatype, inject, instance }: InstanceWrapper<object>): string[] {
  if (typeof metatype !== 'function' || inject || metatype.length === 0) return [];
  if (PARAMETERS.some((key) => Reflect.hasMetadata(key, metatype))) return [];
  const prototype: object = Object.getPrototypeOf(instance) ?? {};
  if (declaredMethodsOf(prototype).length === 0) return [];
  return [`${metatype.name} has no @Injectable(), so NestJS passes nothing to its constructor. Add it.`];
}
const PARAMETERS = ['design:paramtypes', 'self:paramtypes'];

const offersOf = (method: object): string[] => decoratorsOf(declaredOptionsOf(method));

const unique = (problems: readonly string[]): string[] => [...new Set(problems)];

const prototypesOf = (providers: readonly InstanceWrapper<object>[]): object[] => [
  ...new Set(providers.map(({ instance }): object => Object.getPrototypeOf(instance) ?? {})),
];

/** Returns the declarations of a class, each with its name and decorators. */
function declarationsIn(prototype: object): { readonly name: string; readonly decorators: string }[] {
  return declaredMethodsOf(prototype).map(({ methodName, options }) => ({
    name: `${prototype.constructor.name}.${methodName}`,
    decorators: decoratorsOf(options).join(' and '),
  }));
}

function declaredOn(wrappers: readonly InstanceWrapper<unknown>[], reason: string): string[] {
  return wrappers.flatMap(({ metatype }) => {
    const prototype: unknown = typeof metatype === 'function' ? metatype.prototype : undefined;
    if (!isObject(prototype)) return [];
    return declarationsIn(prototype).map(({ name, decorators }) => `${name}: ${decorators} ${reason}`);
  });
}

function outsideOfProviders({ controllers, injectables, middlewares, providers }: Module): string[] {
  const provided = new Set([...providers.values()].map(({ metatype }) => metatype));
  const others = [...injectables.values(), ...middlewares.values()];
  return [
    ...declaredOn(
      [...controllers.values()],
      "is on a controller, where a call would bypass the controller's guards. Use @ExposeAsTool(), or move the method to a provider.",
    ),
    ...declaredOn(
      others.filter(({ metatype }) => !provided.has(metatype)),
      "is on a class that no module provides. Add the class to a module's providers.",
    ),
  ];
}

/** Finds classes with several instances. A call could reach only one of them. */
function providedTwice(providers: readonly InstanceWrapper<object>[]): string[] {
  return prototypesOf(providers).flatMap((prototype) => {
    if (declarationsIn(prototype).length === 0) return [];
    const wrappers = providers.filter(({ instance }) => Object.getPrototypeOf(instance) === prototype);
    const instances = new Set(wrappers.map(({ instance }) => instance));
    if (instances.size < 2) return [];
    const places = wrappers
      .map((wrapper) => `${wrapper.host?.name} (as ${providerName({ name: '', token: wrapper.token })})`)
      .join(' and ');
    return [
      `${prototype.constructor.name}: it is provided ${instances.size} times, by ${places}, but only one instance can ` +
        'be offered. Provide it in one module and export it from there.',
    ];
  });
}

/** Tokens that NestJS itself provides for each request. */
const OF_NESTJS = new Set<unknown>([REQUEST, INQUIRER]);

/** Factory providers whose instances are unknown before the first request. */
const unknownFactories = ({ providers }: Module): InstanceWrapper<unknown>[] =>
  [...providers.values()].filter(
    (provider) =>
      provider.isFactory &&
      !provider.isAlias &&
      !OF_NESTJS.has(provider.token) &&
      (provider.isTransient || !provider.isDependencyTreeStatic()) &&
      !isObject(provider.instance),
  );

function madeByFactory({ token }: InstanceWrapper<unknown>): string[] {
  const prototype: unknown = typeof token === 'function' ? token.prototype : undefined;
  if (!isObject(prototype)) return [];
  return declarationsIn(prototype).map(
    ({ name, decorators }) =>
      `${name}: ${decorators} is on a class that a factory creates for each request, so its methods are unknown at ` +
      'startup. Provide the class itself, or useClass, with scope: Scope.REQUEST.',
  );
}

/** Classes that an application of this process has provided. Another application need not provide them. */
const providedOnce = new WeakSet<DeclaringClass>();

/** Finds classes with declarations that no module provides and that `leaveOut` does not exclude. */
function notProvided(modules: readonly Module[]): string[] {
  const known = modules
    .flatMap(({ providers, controllers, injectables, middlewares }) => [
      ...providers.values(),
      // A declaration on one of these has already been reported as a problem.
      ...controllers.values(),
      ...injectables.values(),
      ...middlewares.values(),
    ])
    .map(({ instance }): unknown => instance)
    .filter(isObject);
  const isProvided = ({ prototype }: DeclaringClass): boolean =>
    known.some(
      (instance) => instance === prototype || Object.prototype.isPrototypeOf.call(prototype, instance),
    );
  const factories = modules
    .flatMap(unknownFactories)
    .filter(({ token }) => typeof token !== 'function')
    .map((factory) => `${providerName(factory)} of ${factory.host?.name}`)
    .join(', ');
  const missing = (classes: ReadonlySet<DeclaringClass>): DeclaringClass[] => {
    for (const type of classes) if (isProvided(type)) providedOnce.add(type);
    return [...classes].filter((type) => !providedOnce.has(type) && !isLeftOut(type));
  };
  return [
    ...missing(declaringClasses).map(
      ({ name }) =>
        `${name}: it declares tools, resources or prompts, but no module provides it, so they are not offered. Add the ` +
        `class itself to a module's providers, not through a factory for each request${factories && ` (${factories})`}, ` +
        `a list or a map. If it is left out on purpose, call leaveOut(${name}).`,
    ),
    ...missing(exposingClasses).map(
      ({ name }) =>
        `${name}: it exposes methods as tools, but is in the controllers of no module, so they are not offered. Add the ` +
        `class to a module's controllers. If it is left out on purpose, call leaveOut(${name}).`,
    ),
  ];
}
