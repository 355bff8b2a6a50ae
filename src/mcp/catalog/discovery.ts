import { Injectable } from '@nestjs/common';
import { MetadataScanner } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';

import { isObject } from '../../values/is-object.js';
import { type DeclaredOptions, declaredOptionsOf } from '../decorators/offer-options.js';
import type { Method } from './method-runner.js';

/** Method declared as a tool, a resource or a prompt. */
export interface PrototypeMethod {
  readonly method: Method;
  readonly methodName: string;
  readonly options: DeclaredOptions;
}

/** Declared method of a provider. */
export interface DeclaredMethod extends PrototypeMethod {
  readonly provider: InstanceWrapper<object>;
  readonly prototype: object;
}

/** Finds the declared methods of providers. */
@Injectable()
export class Discovery {
  /** Returns the declared methods of all providers, each class once. */
  declaredIn(modules: Iterable<Module>): DeclaredMethod[] {
    const seen = new Set<object>();
    return providersOf(modules).flatMap((provider) => {
      const prototype: object = Object.getPrototypeOf(provider.instance) ?? {};
      if (seen.has(prototype)) return [];
      seen.add(prototype);
      return declaredMethodsOf(prototype).map((declared) => ({ provider, prototype, ...declared }));
    });
  }
}

const scanner = new MetadataScanner();
/** Several checks ask for the same prototypes, most of which belong to NestJS. */
const known = new WeakMap<object, readonly PrototypeMethod[]>();

/** Returns the declared methods of a prototype and of those that it inherits from. */
export function declaredMethodsOf(prototype: object): readonly PrototypeMethod[] {
  let declared = known.get(prototype);
  if (!declared) known.set(prototype, (declared = findDeclared(prototype)));
  return declared;
}

const findDeclared = (prototype: object): PrototypeMethod[] =>
  methodsOf(prototype).flatMap(({ method, methodName }) => {
    const options = declaredOptionsOf(method);
    return options ? [{ method, methodName, options }] : [];
  });

/** Returns the methods of a prototype and of those that it inherits from. */
export const methodsOf = (prototype: object): Omit<PrototypeMethod, 'options'>[] =>
  scanner.getAllMethodNames(prototype).flatMap((methodName) => {
    const method = methodNamed(prototype, methodName);
    return method ? [{ method, methodName }] : [];
  });

/** Returns the providers whose instance, or prototype if request-scoped, is known at startup. */
export function providersOf(modules: Iterable<Module>): InstanceWrapper<object>[] {
  return [...modules]
    .flatMap((module): InstanceWrapper<unknown>[] => [...module.providers.values()])
    .filter((provider) => !provider.isAlias)
    .filter(holdsObject);
}

/** Finds a method by name. */
export function methodNamed(prototype: object, methodName: string): Method | undefined {
  const member: unknown = Reflect.get(prototype, methodName);
  return isMethod(member) ? member : undefined;
}

/** Whether the instance of a provider or controller is known, and is an object. */
export const holdsObject = (wrapper: InstanceWrapper<unknown>): wrapper is InstanceWrapper<object> =>
  isObject(wrapper.instance);

const isMethod = (value: unknown): value is Method => typeof value === 'function';
