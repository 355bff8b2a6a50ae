import { Scope } from '@nestjs/common';
import { INQUIRER, REQUEST } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';

import { Tenant } from '../context/tenant.js';
import { dependencyTree, injectedBy, isDurable, madeWith } from './dependency-tree.js';
import { nameOf } from './provider-name.js';

/**
 * What would let an organization's instances be shared with others, or hold what belongs to one of its callers.
 *
 * NestJS itself looks at none of this: it would hand the first caller's Principal to everybody after.
 *
 * @param modules all of the application
 * @returns problems, in words for the author of the provider
 */
export function durableProviderProblems(modules: Iterable<Module>): string[] {
  const problems = [...modules].flatMap((module) => [
    ...[...module.providers.values(), ...module.injectables.values()].flatMap(providerProblems),
    ...[...module.controllers.values(), ...module.middlewares.values()].flatMap(routeProblems),
  ]);
  return [...new Set(problems)];
}

function providerProblems(provider: InstanceWrapper): string[] {
  const name = nameOf(provider);
  if (provider.durable && provider.scope !== Scope.REQUEST) {
    return [
      `${name}: it is marked durable but not request-scoped, so all organizations would share it. ` +
        'Write { scope: Scope.REQUEST, durable: true }.',
    ];
  }
  if (!isShared(provider)) return [];
  const problems = dependencyTree(provider, heldBy(provider))
    .filter(({ injected, path }) => isPersonal(injected) && !isTenantsOwn(path))
    .map(
      ({ path }) =>
        `${name}: it is one for all callers of an organization, but injects what is made for one request: ` +
        `${inWords(path)}. Inject Tenant for the organization's id, and hand its methods what they need of the caller.`,
    );
  if (injectedBy(provider).some(({ token }) => token === INQUIRER)) {
    problems.push(
      `${name}: it is one for all callers of an organization, but injects INQUIRER: it would keep whoever asks first.`,
    );
  }
  return problems;
}

/** NestJS makes these for its own routes, outside of every call of a tool. */
function routeProblems(route: InstanceWrapper): string[] {
  return [{ path: [route], injected: route }, ...dependencyTree(route, madeWith)]
    .filter(({ injected }) => isDurable(injected))
    .slice(0, 1)
    .map(
      ({ path }) =>
        `${nameOf(route)}: it serves HTTP requests, which have no organization, but ${inWords(path)} is one for each ` +
        'organization. Only tools, and what they inject, can use a durable provider.',
    );
}

/** What an instance holds and is not checked by itself. Enhancers it does not hold: NestJS makes them for each call. */
const heldBy =
  (holder: InstanceWrapper) =>
  (provider: InstanceWrapper): InstanceWrapper[] =>
    provider.scope === Scope.REQUEST && provider !== holder ? [] : injectedBy(provider);

/** NestJS shares with the organization also what is not marked but injects nothing less lasting. */
const isShared = (provider: InstanceWrapper): boolean =>
  isDurable(provider) || (!provider.isTransient && provider.isDependencyTreeDurable());

const isPersonal = (provider: InstanceWrapper): boolean =>
  provider.scope === Scope.REQUEST && !isDurable(provider);

const isTenantsOwn = ([dependent, injected]: readonly InstanceWrapper[]): boolean =>
  dependent?.token === Tenant && injected?.token === REQUEST;

const inWords = (path: readonly InstanceWrapper[]): string => path.map(nameOf).join(' → ');
