import { Injectable } from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
  RouteParamtypes,
} from '@nestjs/common/internal';
import { ApplicationConfig, type ContextId, ExternalContextCreator, ModuleRef } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import type { CallContext } from '../context/call-context.js';
import type { RequestContext } from '../context/request-context.js';
import { TOOL_PARAMETERS } from '../decorators/mcp-tool.decorator.js';

/** Calls a tool's method with validated input, on the right instance of its provider. */
export type ToolRunner = (input: unknown, context: CallContext, request: RequestContext) => unknown;

/** A method as reflection finds it. */
export type Method = (...parameters: unknown[]) => unknown;

/** The type that guards, interceptors and filters of a tool see as `ExecutionContext.getType()`. */
export const MCP_CONTEXT = 'mcp';

const ENHANCERS = [GUARDS_METADATA, INTERCEPTORS_METADATA, PIPES_METADATA, EXCEPTION_FILTERS_METADATA];

/** Finds out at start-up what reaching a tool's method takes, so that a call does that and no more. */
@Injectable()
export class ToolRunnerFactory {
  readonly #externalContexts: ExternalContextCreator;

  constructor(private readonly moduleRef: ModuleRef) {
    // The application's global enhancers have seen the HTTP request already; a tool adds only its own.
    const container: (typeof moduleRef)['container'] = Object.create(moduleRef['container'], {
      applicationConfig: { value: new ApplicationConfig() },
    });
    this.#externalContexts = ExternalContextCreator.fromContainer(container);
  }

  create(provider: InstanceWrapper<object>, method: Method, methodName: string): ToolRunner {
    const bind = hasEnhancers(provider.instance, method)
      ? (instance: object, contextId?: ContextId) =>
          this.#enhance(provider, instance, method, methodName, contextId)
      : (instance: object) => method.bind(instance);

    if (provider.isDependencyTreeStatic() && !provider.isTransient) return bind(provider.instance);
    return async (input, context, request) => {
      const { contextId } = request;
      const instance = await this.moduleRef.resolve<object>(provider.token, contextId, { strict: false });
      return bind(instance, contextId)(input, context);
    };
  }

  /** The method behind its own guards, interceptors, pipes and filters. */
  #enhance(
    provider: InstanceWrapper<object>,
    instance: object,
    method: Method,
    methodName: string,
    contextId?: ContextId,
  ): Method {
    return this.#externalContexts.create(
      instance,
      method,
      methodName,
      TOOL_PARAMETERS,
      {
        exchangeKeyForValue: (type: RouteParamtypes, _data: unknown, [input, context]: unknown[]) =>
          type === RouteParamtypes.BODY ? input : context,
      },
      contextId,
      contextId && provider.id,
      { guards: true, interceptors: true, filters: true },
      MCP_CONTEXT,
    );
  }
}

function hasEnhancers(instance: object, method: Method): boolean {
  return ENHANCERS.some(
    (key) => Reflect.hasMetadata(key, instance.constructor) || Reflect.hasMetadata(key, method),
  );
}
