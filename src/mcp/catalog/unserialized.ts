import { ClassSerializerInterceptor } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/internal';
import type { ApplicationConfig } from '@nestjs/core';
import { getClassRef } from '@nestjs/core/helpers/class-ref-registry.js';
import type { Module } from '@nestjs/core/injector/module.js';

import { listIn } from '../../values/list-in.js';
import { declaredMethodsOf, providersOf, type PrototypeMethod } from './discovery.js';

/**
 * Warns of classes whose results a global `ClassSerializerInterceptor` does not serialize, because no global interceptor
 * runs for tools. Its `@Exclude()` keeps secrets from callers, so it must not be missed silently.
 *
 * @param modules modules of one endpoint
 * @param endpoint class with the enhancers of the endpoint
 */
export function unserializedWarnings(
  modules: readonly Module[],
  application: ApplicationConfig,
  endpoint: Function | undefined,
): string[] {
  const isGlobal =
    application.getGlobalInterceptors().some(serializes) ||
    application.getGlobalRequestInterceptors().some(({ metatype }) => serializes(metatype));
  if (!isGlobal || (endpoint && interceptorsOf(endpoint).some(serializes))) return [];
  const types = new Map(
    providersOf(modules).map(({ instance }): [object, Function] => [
      Object.getPrototypeOf(instance) ?? {},
      getClassRef(instance),
    ]),
  );
  const names = [...types]
    .filter(([prototype, type]) =>
      declaredMethodsOf(prototype).some((declared) => isUnserialized(type, declared)),
    )
    .map(([, { name }]) => name);
  if (names.length === 0) return [];
  return [
    `The global ClassSerializerInterceptor does not run for tools and resources, so @Exclude() has no effect on the results of ${names.join(', ')}. ` +
      'Add @UseInterceptors(ClassSerializerInterceptor) to each class. See docs/writing-tools.md.',
  ];
}

/** A prompt returns messages, not entities. */
const isUnserialized = (type: Function, { method, options }: PrototypeMethod): boolean =>
  (options.tool !== undefined || options.resource !== undefined) &&
  ![type, method].flatMap(interceptorsOf).some(serializes);

const interceptorsOf = (target: object): readonly unknown[] =>
  listIn(Reflect.getMetadata(INTERCEPTORS_METADATA, target));

/** Whether an interceptor, or the class of one, is NestJS's serializer or extends it. */
const serializes = (interceptor: unknown): boolean =>
  interceptor === ClassSerializerInterceptor ||
  interceptor instanceof ClassSerializerInterceptor ||
  (typeof interceptor === 'function' && interceptor.prototype instanceof ClassSerializerInterceptor);
