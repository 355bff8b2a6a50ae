import { ClassSerializerInterceptor } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/internal';
import type { ApplicationConfig } from '@nestjs/core';
import { getClassRef } from '@nestjs/core/helpers/class-ref-registry.js';

import { listIn } from '../../values/list-in.js';
import type { DeclaredMethod } from './discovery.js';

/**
 * Warns of classes whose results a global `ClassSerializerInterceptor` does not serialize, because no global interceptor
 * runs for tools. Its `@Exclude()` keeps secrets from callers, so it must not be missed silently.
 *
 * @param methods methods that one endpoint offers
 * @param endpoint class with the enhancers of the endpoint
 */
export function unserializedWarnings(
  methods: readonly DeclaredMethod[],
  application: ApplicationConfig,
  endpoint: Function | undefined,
): string[] {
  const isGlobal =
    application.getGlobalInterceptors().some(serializes) ||
    application.getGlobalRequestInterceptors().some(({ metatype }) => serializes(metatype));
  if (!isGlobal || (endpoint && interceptorsOf(endpoint).some(serializes))) return [];
  const types = new Set(methods.filter(isUnserialized).map(({ provider }) => getClassRef(provider.instance)));
  if (types.size === 0) return [];
  const names = [...types].map(({ name }) => name);
  return [
    `The global ClassSerializerInterceptor does not run for tools and resources, so @Exclude() has no effect on the results of ${names.join(', ')}. ` +
      'Add @UseInterceptors(ClassSerializerInterceptor) to each class. See docs/writing-tools.md.',
  ];
}

/** A prompt returns messages, not entities. */
const isUnserialized = ({ provider, method, options }: DeclaredMethod): boolean =>
  (options.tool !== undefined || options.resource !== undefined) &&
  ![getClassRef(provider.instance), method].flatMap(interceptorsOf).some(serializes);

const interceptorsOf = (target: object): readonly unknown[] =>
  listIn(Reflect.getMetadata(INTERCEPTORS_METADATA, target));

/** Whether an interceptor, or the class of one, is NestJS's serializer or extends it. */
const serializes = (interceptor: unknown): boolean =>
  interceptor === ClassSerializerInterceptor ||
  interceptor instanceof ClassSerializerInterceptor ||
  (typeof interceptor === 'function' && interceptor.prototype instanceof ClassSerializerInterceptor);
