import { Scope } from '@nestjs/common';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import { Organization } from '../../auth/organization.js';

/** Direct or transitive dependency of a provider. */
export interface Dependency {
  /** Injection path from the provider to the dependency, including both. */
  readonly path: readonly InstanceWrapper[];
  readonly injected: InstanceWrapper;
}

/**
 * Returns the direct dependencies of a provider: constructor or factory parameters, and injected properties. The
 * dependency of an alias is its target.
 *
 * The result is complete from `onModuleInit` on.
 */
export function injectedBy(provider: InstanceWrapper): InstanceWrapper[] {
  const parameters: readonly (InstanceWrapper | undefined)[] = provider.getCtorMetadata() ?? [];
  const properties = provider.getPropertiesMetadata() ?? [];
  // An optional parameter without a provider is undefined.
  return [...parameters, ...properties.map(({ wrapper }) => wrapper)].filter((one) => one !== undefined);
}

/** Providers that NestJS creates with an instance: its dependencies, guards, interceptors, pipes and filters. */
export const madeWith = (provider: InstanceWrapper): InstanceWrapper[] => [
  ...injectedBy(provider),
  ...(provider.getEnhancersMetadata() ?? []),
];

/**
 * Returns all dependencies of a provider at any depth, each once with its shortest path.
 *
 * @param next returns the direct dependencies of a provider
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

/** Whether the provider declares one instance per organization. */
export const isDurable = (provider: InstanceWrapper): boolean =>
  provider.scope === Scope.REQUEST && provider.durable === true;

/** Whether the provider needs a caller with an organization: it is or injects Organization or a durable provider. */
export const needsOrganization = (provider: InstanceWrapper): boolean =>
  [provider, ...dependencyTree(provider, madeWith).map(({ injected }) => injected)].some(
    (needed) => needed.token === Organization || isDurable(needed),
  );
