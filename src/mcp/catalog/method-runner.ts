import { type ExecutionContext, Inject, Injectable, type Type } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA, RouteParamtypes } from '@nestjs/common/internal';
import {
  ApplicationConfig,
  type ContextId,
  ExternalContextCreator,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import { getClassRef } from '@nestjs/core/helpers/class-ref-registry.js';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import { runHandler } from '../../logging/handler-span.js';
import { isObject } from '../../values/is-object.js';
import type { CallContext } from '../context/call-context.js';
import { callByName, callingByName, declaredMethodOf } from './called-by-name.js';
import { dependencyTree, injectedBy, madeWith } from './dependency-tree.js';
import { directCreation } from './direct-creation.js';
import { ENHANCED_ENDPOINT, enhancedProvider } from './endpoint-enhancers.js';
import { ERROR_PROXY } from './error-proxy.js';
import { ENHANCER_KEYS, enhancersOf } from './enhancers.js';
import type { RequestContext } from '../context/request-context.js';
import { OFFER_PARAMETERS } from '../decorators/offer-method.js';
import { settled } from './settled.js';

/** Calls a method with validated input on the right instance of its provider, or a function without a provider. */
export interface MethodRunner {
  (input: unknown, context: CallContext, request: RequestContext): unknown;
  /** Class and method for enhancers of the endpoint; undefined if the offer has none. */
  readonly origin?: Origin;
}

/** Class, as that of an object, and method that `ExecutionContext` names. */
export interface Origin {
  readonly instance: object;
  readonly handler: (...parameters: never[]) => unknown;
}

/** Creates the `ExecutionContext` of a call. */
type DescribeContext = (
  args: readonly unknown[],
  instance: object,
  handler: Origin['handler'],
) => ExecutionContext;

/** Call around which the enhancers of the endpoint run. */
interface EnhancedCall {
  readonly run: MethodRunner;
  readonly context: CallContext;
  readonly request: RequestContext;
}

/** Method found by reflection. */
export type Method = (...parameters: unknown[]) => unknown;

/** Value of `ExecutionContext.getType()` in guards, interceptors and filters of an offered method. */
export const MCP_CONTEXT = 'mcp';

/** Creates method runners. Decides at startup how each method is called, so that a call does only the necessary work. */
@Injectable()
export class MethodRunnerFactory {
  readonly #externalContexts: ExternalContextCreator;
  /** Calls around which the enhancers of the endpoint run. */
  readonly #calls = new WeakMap<object, EnhancedCall>();
  #aroundCalls: MethodRunner | undefined;

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly modules: ModulesContainer,
    @Inject(ENHANCED_ENDPOINT) private readonly endpoint: Type<object> | undefined,
  ) {
    this.#externalContexts = withoutGlobalEnhancers(moduleRef);
  }

  create(provider: InstanceWrapper<object>, method: Method, methodName: string): MethodRunner {
    const bind = this.#hasEnhancers(provider, method)
      ? this.#enhanced(this.#externalContexts, provider, callingByName(method, methodName), methodName)
      : (instance: object): MethodRunner =>
          (input, context) =>
            callByName(instance, methodName, input, context);
    const origin = { instance: provider.instance, handler: method };
    return Object.assign(this.#runner(provider, bind, runHandler), { origin });
  }

  /** Runs the enhancers of the endpoint around a runner. Returns the runner itself if the endpoint has none. */
  around(run: MethodRunner): MethodRunner {
    const { endpoint } = this;
    if (!endpoint) return run;
    const enhanced = (this.#aroundCalls ??= this.#enhancersOf(endpoint));
    const around: MethodRunner = (input, context, request) => {
      this.#calls.set(context, { run, context, request });
      return enhanced(input, context, request);
    };
    return run.origin ? Object.assign(around, { origin: run.origin }) : around;
  }

  #enhancersOf(endpoint: Type<object>): MethodRunner {
    const provider = enhancedProvider(endpoint, this.modules);
    const contexts = withoutGlobalEnhancers(this.moduleRef);
    const guards: { readonly createContext: DescribeContext } = contexts['guardsConsumer'];
    const { createContext: describe } = guards;
    const createContext: DescribeContext = (args, instance, callback) => {
      const { origin } = this.#callOf(args[3]).run;
      return origin ? describe(args, origin.instance, origin.handler) : describe(args, instance, callback);
    };
    Object.assign(guards, { createContext });
    Object.assign(contexts['interceptorsConsumer'], { createContext });
    // NestJS passes all arguments to a method without declared parameters.
    const proceed: Method = (_request, _response, input, context) => {
      const call = this.#callOf(context);
      return call.run(input, call.context, call.request);
    };
    return this.#runner(provider, this.#enhanced(contexts, provider, proceed, proceed.name), async (run) =>
      run(),
    );
  }

  #callOf(context: unknown): EnhancedCall {
    const call = isObject(context) ? this.#calls.get(context) : undefined;
    if (!call) throw new Error('A guard or an interceptor replaced the CallContext among the arguments.');
    return call;
  }

  #runner(
    provider: InstanceWrapper<object>,
    bind: (instance: object, contextId?: ContextId) => MethodRunner,
    within: typeof runHandler,
  ): MethodRunner {
    if (provider.isDependencyTreeStatic() && !provider.isTransient) {
      const run = bind(provider.instance);
      return (input, context, request) => within(() => settled(run(input, context, request)));
    }

    // Another module may have a different provider with the same token.
    const own = provider.host?.getProviderByKey<ModuleRef>(ModuleRef).instance;
    if (!own) throw new Error(`The provider ${provider.name} belongs to no module.`);
    const perRequest = (next: typeof madeWith): InstanceWrapper[] =>
      [provider, ...dependencyTree(provider, next).map(({ injected }) => injected)].filter(
        (one) => !one.isDependencyTreeStatic(),
      );
    const made = perRequest(madeWith);
    // Guards of a dependency are created with it, but no call of this provider runs or awaits them.
    const needed = perRequest((one) => (one === provider ? madeWith(one) : injectedBy(one)));
    const create = directCreation(provider, own);
    const createByNest = async (contextId: ContextId): Promise<object> => {
      const instance = await own.resolve<object>(provider.token, contextId, { strict: true });
      // NestJS takes a rejection without an error for success, except for the call that created the provider.
      if (!needed.every((one) => isCreated(one, contextId))) {
        throw new Error(`A provider that ${provider.name} needs failed without an error.`);
      }
      return instance;
    };
    return (input, context, request) =>
      request.use(made, async (contextId) => {
        const instance = create(contextId) ?? (await createByNest(contextId));
        // The method needs its dependencies until its result has settled.
        return within(() => settled(bind(instance, contextId)(input, context, request)));
      });
  }

  /** Describes the guards, interceptors, pipes and filters of a method that NestJS would skip. */
  skippedEnhancers(provider: InstanceWrapper<object>, method: Method): string[] {
    const enhancers = enhancersOf(getClassRef(provider.instance), method);
    if (enhancers.length === 0) return [];
    const bound = this.#bound(provider).host?.injectables;
    return enhancers.filter(({ type }) => !bound?.has(type)).map(({ kind, type }) => `${kind} ${type.name}`);
  }

  /** Returns the provider whose module NestJS asks for enhancers. It prefers one that it creates from a class. */
  #bound(provider: InstanceWrapper<object>): InstanceWrapper {
    if (!provider.isNotMetatype || !provider.isDependencyTreeStatic()) return provider;
    const all = [...this.modules.values()].flatMap(({ providers }) => [...providers.values()]);
    const isSame = (one: InstanceWrapper<unknown>): boolean => one.instance === provider.instance;
    return all.find((one) => isSame(one) && !one.isAlias && !one.isNotMetatype) ?? provider;
  }

  #hasEnhancers({ instance }: InstanceWrapper<object>, method: Method): boolean {
    const targets = [getClassRef(instance), method];
    return ENHANCER_KEYS.some((key) => targets.some((target) => Reflect.hasMetadata(key, target)));
  }

  #enhanced(
    contexts: ExternalContextCreator,
    provider: InstanceWrapper<object>,
    method: Method,
    methodName: string,
  ): (instance: object, contextId?: ContextId) => MethodRunner {
    const filters = [getClassRef(provider.instance), method].some((target) =>
      Reflect.hasMetadata(EXCEPTION_FILTERS_METADATA, target),
    );
    // NestJS creates transient enhancers for each provider, and finds them by its id.
    const { id } = this.#bound(provider);
    return (instance, contextId) => {
      const enhanced: Method = contexts.create(
        instance,
        method,
        methodName,
        OFFER_PARAMETERS,
        PARAMETERS,
        contextId,
        id,
        { guards: true, interceptors: true, filters },
        MCP_CONTEXT,
      );
      return (input, context, { request }) => enhanced(request, request.res, input, context);
    };
  }
}

/** Whether a request has the instance of a provider. Unknown for instances that are not kept with the request. */
const isCreated = (provider: InstanceWrapper, contextId: ContextId): boolean =>
  provider.isTransient ||
  provider.isDependencyTreeDurable() ||
  provider.getInstanceByContextId(contextId).isResolved === true;

/**
 * Selects a method's parameters from `ExecutionContext.getArgs()`. The HTTP request and response come first, as
 * everywhere in NestJS, so that no guard mistakes a caller's input for the request.
 */
const PARAMETERS = {
  exchangeKeyForValue: (
    type: RouteParamtypes,
    _data: unknown,
    [_request, _response, input, context]: unknown[],
  ): unknown => (type === RouteParamtypes.BODY ? input : context),
};

/** Excludes global enhancers: they have already seen the HTTP request, so a method adds only its own. */
function withoutGlobalEnhancers(moduleRef: ModuleRef): ExternalContextCreator {
  const container: (typeof moduleRef)['container'] = Object.create(moduleRef['container'], {
    applicationConfig: { value: new ApplicationConfig() },
  });
  const contexts = ExternalContextCreator.fromContainer(container);
  // NestJS would stay subscribed to an observable as long as it emits.
  contexts.transformToResult = settled;
  Object.assign(contexts, { externalErrorProxy: ERROR_PROXY });
  const consumers: { readonly createContext: DescribeContext }[] = [
    contexts['guardsConsumer'],
    contexts['interceptorsConsumer'],
  ];
  for (const consumer of consumers) {
    const { createContext: describe } = consumer;
    const createContext: DescribeContext = (args, instance, handler) =>
      describe(args, instance, declaredMethodOf(handler));
    Object.assign(consumer, { createContext });
  }
  return contexts;
}
