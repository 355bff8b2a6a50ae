import { Scope } from '@nestjs/common';
import { INQUIRER, REQUEST } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';

import { Tenant } from '../context/tenant.js';
import { dependencyTree, injectedBy, isDurable, madeWith } from './dependency-tree.js';
import { providerName } from './provider-name.js';

/**
 * Finds durable providers that would share an organization's instances with others or keep data of a single caller.
 *
 * NestJS does not check this: it would give the first caller's Principal to all later callers.
 *
 * @param modules all modules of the application
 * @returns problems, addressed to the provider's author
 */
export function durableProviderProblems(modules: Iterable<Module>): string[] {
  const problems = [...modules].flatMap((module) => [
    ...[...module.providers.values(), ...module.injectables.values()].flatMap(providerProblems),
    ...[...module.controllers.values(), ...module.middlewares.values()].flatMap(routeProblems),
  ]);
  return [...new Set(problems)];
}

function providerProblems(provider: InstanceWrapper): string[] {
  const name = providerName(provider);
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
        `${name}: all callers of an organization share it, but it injects a request-scoped provider: ` +
        `${inWords(path)}. Inject Tenant for the organization's id, and pass data of the caller to its methods.`,
    );
  if (injectedBy(provider).some(({ token }) => token === INQUIRER)) {
    problems.push(
      `${name}: all callers of an organization share it, but it injects INQUIRER, which would stay the first inquirer. Remove INQUIRER.`,
    );
  }
  return problems;
}

/** Checks controllers and middleware, which NestJS creates for its own routes and not for a tool call. */
function routeProblems(route: InstanceWrapper): string[] {
  return [{ path: [route], injected: route }, ...dependencyTree(route, madeWith)]
    .filter(({ injected }) => isDurable(injected))
    .slice(0, 1)
    .map(
      ({ path }) =>
        `${providerName(route)}: it serves HTTP requests, which have no organization, but ${inWords(path)} exists once per ` +
        'organization. Use durable providers only in tools and their dependencies.',
    );
}

/**
 * Dependencies that an instance keeps and that are not checked separately. It does not keep enhancers: NestJS creates
 * them for each call.
 */
const heldBy =
  (holder: InstanceWrapper) =>
  (provider: InstanceWrapper): InstanceWrapper[] =>
    provider.scope === Scope.REQUEST && provider !== holder ? [] : injectedBy(provider);

/** Whether NestJS shares the instance. It also shares an unmarked provider if all its dependencies are durable. */
const isShared = (provider: InstanceWrapper): boolean =>
  isDurable(provider) || (!provider.isTransient && provider.isDependencyTreeDurable());

const isPersonal = (provider: InstanceWrapper): boolean =>
  provider.scope === Scope.REQUEST && !isDurable(provider);

const isTenantsOwn = ([dependent, injected]: readonly InstanceWrapper[]): boolean =>
  dependent?.token === Tenant && injected?.token === REQUEST;

const inWords = (path: readonly InstanceWrapper[]): string => path.map(providerName).join(' → ');
