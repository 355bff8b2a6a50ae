import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import type { Method } from './method-runner.js';

/** A method of a provider. */
export interface ProviderMethod {
  readonly provider: InstanceWrapper<object>;
  readonly prototype: object;
  readonly method: Method;
  readonly methodName: string;
}

/** Finds the methods of all providers of the application. */
@Injectable()
export class Discovery {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  methods(): ProviderMethod[] {
    return this.discovery.getProviders().flatMap((provider: InstanceWrapper<unknown>) => {
      if (provider.isAlias || !holdsObject(provider)) return [];
      const prototype: object = Object.getPrototypeOf(provider.instance) ?? {};
      return this.scanner.getAllMethodNames(prototype).flatMap((methodName) => {
        const method = methodOf(prototype, methodName);
        return method ? [{ provider, prototype, method, methodName }] : [];
      });
    });
  }
}

/** A method by its name. */
export function methodOf(prototype: object, methodName: string): Method | undefined {
  const member: unknown = Reflect.get(prototype, methodName);
  return isMethod(member) ? member : undefined;
}

function holdsObject(provider: InstanceWrapper<unknown>): provider is InstanceWrapper<object> {
  return typeof provider.instance === 'object' && provider.instance !== null;
}

const isMethod = (value: unknown): value is Method => typeof value === 'function';
