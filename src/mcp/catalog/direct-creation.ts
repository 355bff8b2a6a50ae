import type { ContextId, ModuleRef } from '@nestjs/core';
import type { InstancePerContext, InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import { hasMembers } from '../../values/has-members.js';
import { isClass } from '../dto/is-class.js';
import { injectedBy } from './dependency-tree.js';

/**
 * Returns the provider's instance for a request, and creates the instances that the request lacks. Returns undefined if
 * NestJS must create the rest.
 */
export type DirectCreation = (contextId: ContextId) => object | undefined;

type Create = (contextId: ContextId) => unknown;

interface Creation {
  /** Runs the constructor or the factory. */
  readonly create: Create;
  /** Injects the properties. */
  readonly fill?: (instance: unknown, contextId: ContextId) => void;
}

/**
 * Plans at startup how a provider and its request-scoped dependencies are created, so that a call only runs their
 * constructors and factories. NestJS's injector plans anew for each request, with several promises per provider.
 *
 * Instances are kept where NestJS keeps them, so that both use the same ones. NestJS creates all of them if a provider is
 * transient, durable or in a circle, or if it injects something that NestJS did not find at startup.
 *
 * @param moduleRef reference of the provider's module
 */
export function directCreation(root: InstanceWrapper<object>, moduleRef: ModuleRef): DirectCreation {
  const plan = planFor(root, moduleRef);
  let isSynchronous = true;

  return (contextId) => {
    if (!plan || !isSynchronous) return undefined;
    for (const [provider, { create, fill }] of plan) {
      const host = provider.getInstanceByContextId(contextId);
      if (host.isResolved) continue;
      // NestJS is creating the instance for another call of the same request.
      if (host.isPending) return undefined;
      const made = create(contextId);
      if (isThenable(made)) {
        // NestJS waits for the promise. It also creates the instances of later calls, since it waits for all at once.
        isSynchronous = false;
        const settle = (value: unknown): void => {
          fill?.(value, contextId);
          // A constructor's promise is also what NestJS injects.
          keep(host, provider.inject ? value : made);
        };
        keepPending(host, made, settle, () => provider.removeInstanceByContextId(contextId));
        return undefined;
      }
      fill?.(made, contextId);
      keep(host, made);
    }
    return root.getInstanceByContextId(contextId).instance;
  };
}

/**
 * Lists the providers that a request creates, each after its dependencies and before its guards and other enhancers.
 * Returns undefined if NestJS must create them.
 */
function planFor(root: InstanceWrapper, moduleRef: ModuleRef): [InstanceWrapper, Creation][] | undefined {
  if (moduleRef['container'].contextOptions?.instrument?.instanceDecorator) return undefined;
  const plan = new Map<InstanceWrapper, Creation>();
  const open = new Set<InstanceWrapper>();
  const add = (provider: InstanceWrapper): boolean => {
    if (isSingleton(provider) || plan.has(provider)) return true;
    const creation = isOncePerRequest(provider) ? creationOf(provider, moduleRef) : undefined;
    if (!creation || open.has(provider)) return false;
    open.add(provider);
    if (!injectedBy(provider).every(add)) return false;
    plan.set(provider, creation);
    return (provider.getEnhancersMetadata() ?? []).every(add);
  };
  return add(root) ? [...plan] : undefined;
}

const isSingleton = (provider: InstanceWrapper): boolean =>
  provider.isDependencyTreeStatic() && !provider.isTransient && !provider.async;

const isOncePerRequest = (provider: InstanceWrapper): boolean =>
  !provider.isDependencyTreeStatic() &&
  !provider.isDependencyTreeDurable() &&
  !provider.isTransient &&
  !provider.forwardRef;

/**
 * Returns how to create an instance from existing dependencies. Returns undefined if NestJS did not find a dependency:
 * it looks for a missing one again in each request.
 */
function creationOf(provider: InstanceWrapper, moduleRef: ModuleRef): Creation | undefined {
  const { metatype, inject } = provider;
  const injector = moduleRef['injector'];
  const parameters = (provider.getCtorMetadata() ?? []).filter(Boolean).map(reading);
  const values = (contextId: ContextId): unknown[] => parameters.map((read) => read(contextId));
  if (inject) {
    if (!metatype || parameters.length !== inject.length) return undefined;
    return { create: (contextId) => Reflect.apply(metatype, provider, values(contextId)) };
  }

  if (!isClass(metatype)) return undefined;
  const properties = (provider.getPropertiesMetadata() ?? []).map(({ key, wrapper }) => ({
    key,
    read: reading(wrapper),
  }));
  const areKnown =
    parameters.length === injector.reflectConstructorParams(metatype).length &&
    injector.reflectProperties(metatype).every(({ key }) => properties.some((known) => known.key === key));
  if (!areKnown) return undefined;
  return {
    create: (contextId) => new metatype(...values(contextId)),
    fill: (instance, contextId) => {
      if (!hasMembers(instance)) return;
      for (const { key, read } of properties) {
        const value = read(contextId);
        if (value !== undefined && value !== null) Object.assign(instance, { [key]: value });
      }
    },
  };
}

const reading = (provider: InstanceWrapper): Create =>
  isSingleton(provider)
    ? () => provider.instance
    : (contextId) => provider.getInstanceByContextId(contextId).instance;

function keep(host: InstancePerContext<unknown>, instance: unknown): void {
  host.instance = instance;
  host.isResolved = true;
  host.isConstructorCalled = true;
}

/**
 * Makes NestJS wait for an instance. NestJS expects a promise of the error, if any, and takes a falsy one for success.
 */
function keepPending(
  host: InstancePerContext<unknown>,
  made: PromiseLike<unknown>,
  settle: (value: unknown) => void,
  forget: () => void,
): void {
  host.isPending = true;
  host.donePromise = Promise.resolve(made)
    .then(settle)
    .catch((error: unknown) => {
      forget();
      return error || new Error('A provider rejected its promise without an error.');
    });
}

/** Whether `await` waits for the value. A proxy may return `then` without having it. */
const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  hasMembers(value) && typeof Reflect.get(value, 'then') === 'function';
