import { Scope } from '@nestjs/common';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import { Organization } from '../../auth/organization.js';

/** How a provider gets at something that it injects. */
export interface Dependency {
  /** From the provider to what it injects, both included. */
  readonly path: readonly InstanceWrapper[];
  readonly injected: InstanceWrapper;
}

/**
 * What an instance is given: parameters of its constructor or factory, and injected properties. An alias is given
 * what it stands for.
 *
 * Complete once the application has been put together, that is, in `onModuleInit`.
 */
export function injectedBy(provider: InstanceWrapper): InstanceWrapper[] {
  const parameters: readonly (InstanceWrapper | undefined)[] = provider.getCtorMetadata() ?? [];
  const properties = provider.getPropertiesMetadata() ?? [];
  // An optional parameter that nothing provides leaves a hole.
  return [...parameters, ...properties.map(({ wrapper }) => wrapper)].filter((one) => one !== undefined);
}

/** What NestJS makes along with an instance: also the guards, interceptors, pipes and filters of its class and methods. */
export const madeWith = (provider: InstanceWrapper): InstanceWrapper[] => [
  ...injectedBy(provider),
  ...(provider.getEnhancersMetadata() ?? []),
];

/**
 * All that a provider needs, at any depth, each once and by the shortest path.
 *
 * @param next what a provider needs itself
 */
export function dependencyTree(
  provider: InstanceWrapper,
  next: (provider: InstanceWrapper) => readonly InstanceWrapper[],
): Dependency[] {
  const seen = new Set([provider]);
  const found: Dependency[] = [];
  const open: Dependency[] = [{ path: [provider], injected: provider }];
  for (const { path, injected: dependent } of open) {
    for (const injected of next(dependent).filter((one) => !seen.has(one))) {
      seen.add(injected);
      const dependency = { path: [...path, injected], injected };
      found.push(dependency);
      open.push(dependency);
    }
  }
  return found;
}

/** Whether it is one instance for each organisation by its own declaration. */
export const isDurable = (provider: InstanceWrapper): boolean =>
  provider.scope === Scope.REQUEST && provider.durable === true;

/** Whether only a caller with an organisation can have it: it is Organization or durable, or injects such. */
export const needsOrganization = (provider: InstanceWrapper): boolean =>
  [provider, ...dependencyTree(provider, madeWith).map(({ injected }) => injected)].some(
    (needed) => needed.token === Organization || isDurable(needed),
  );
