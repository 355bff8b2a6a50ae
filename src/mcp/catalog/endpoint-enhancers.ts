import {
  type CanActivate,
  type ExceptionFilter,
  Injectable,
  type NestInterceptor,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

/** Guards, interceptors and filters: classes, which NestJS creates with their dependencies, or instances. */
export interface EnhancerOptions {
  readonly guards?: readonly (CanActivate | Type<CanActivate>)[];
  readonly interceptors?: readonly (NestInterceptor | Type<NestInterceptor>)[];
  readonly filters?: readonly (ExceptionFilter | Type<ExceptionFilter>)[];
}

/** Injection token of the class that has the enhancers of an endpoint; undefined if the endpoint has none. */
export const ENHANCED_ENDPOINT = Symbol('ENHANCED_ENDPOINT');

/**
 * Creates a class with the enhancers of an endpoint. As a provider, it makes NestJS create and check them as it does those
 * of any other class. Each endpoint needs a class of its own.
 *
 * @returns undefined if there are no enhancers
 */
export function enhancedEndpoint({ guards = [], interceptors = [], filters = [] }: EnhancerOptions = {}):
  Type<object> | undefined {
  if (guards.length + interceptors.length + filters.length === 0) return undefined;

  @UseGuards(...guards)
  @UseInterceptors(...interceptors)
  @UseFilters(...filters)
  @Injectable()
  class EnhancedEndpoint {}

  return EnhancedEndpoint;
}

/** Finds the provider that NestJS made of a class with the enhancers of an endpoint. */
export function enhancedProvider(endpoint: Type<object>, modules: ModulesContainer): InstanceWrapper<object> {
  const module = [...modules.values()].find((one) => one.hasProvider(endpoint));
  const provider = module?.getProviderByKey<object>(endpoint);
  if (!provider) throw new Error('No module provides the enhancers of the endpoint.');
  return provider;
}
