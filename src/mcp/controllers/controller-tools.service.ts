import { Inject, Injectable, Optional } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';
import type { Express } from 'express';

import { accessDeclarationsOf } from '../../auth/access/require.decorators.js';
import type { Injection } from '../../auth/injected-request.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { ENDPOINT } from '../../routes/endpoint-name.js';
import { isRecord } from '../../values/is-record.js';
import { NO_OFFERS, type Offers } from '../catalog/catalog.js';
import { compileTool } from '../catalog/compiled-tool.js';
import { shapeProblems } from '../catalog/declaration-shape.js';
import { endpointsOf, unknownEndpoints } from '../catalog/offered-at.js';
import type { OfferSource, PlacedOffer } from '../catalog/offer-source.js';
import { needsOrganization } from '../catalog/dependency-tree.js';
import { holdsObject } from '../catalog/discovery.js';
import type { Findings } from '../catalog/findings.js';
import type { MethodRunner } from '../catalog/method-runner.js';
import type { InputSchema } from '../decorators/mcp-tool.decorator.js';
import { documentationOf } from './api-documentation.js';
import { deriveArguments } from './derive-arguments.js';
import { exposedIn, type ExposedMethod, misplacedIn } from './exposed-methods.js';
import { injectInto } from './inject.js';
import { declaredOutput } from './declared-output.js';
import { RESERVED_HEADER } from './reserved-header.js';
import { REQUEST_USER, type RequestUser } from './request-user.js';
import { type Route, routeOf } from './route.js';
import { argumentsSchema, type RouteArgument, type RouteArguments } from './route-arguments.js';
import { parametersOf } from './route-parameters.js';
import { argumentsIn, requestFactory } from './tool-request.js';
import { toolResponse } from './tool-response.js';

/** Compiles methods of controllers into tools that make requests within the process. */
@Injectable()
export class ControllerTools implements OfferSource {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly application: ApplicationConfig,
    private readonly modules: ModulesContainer,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(ENDPOINT) private readonly endpoint: string,
    @Optional() @Inject(REQUEST_USER) private readonly userOf?: RequestUser,
  ) {}

  declaredIn(modules: readonly Module[], isLate: boolean): PlacedOffer[] {
    return exposedIn(modules).map((exposed) => ({
      owner: ownerOf(exposed),
      name: exposed.options.name,
      endpoints: endpointsFor(exposed),
      compile: (findings) => {
        if (isLate) findings.problems.push(NO_ROUTE);
        return isLate ? NO_OFFERS : this.#compile(exposed, findings);
      },
    }));
  }

  misplacedIn(modules: readonly Module[], added: readonly Module[]): string[] {
    const elsewhere = exposedIn(added).flatMap((exposed) =>
      unknownEndpoints(endpointsFor(exposed), modules).map((problem) => `${ownerOf(exposed)}: ${problem}`),
    );
    return [...misplacedIn(modules, added), ...elsewhere];
  }

  #compile(exposed: ExposedMethod, findings: Findings): Offers {
    const { module, wrapper, type, method, methodName, options } = exposed;
    const { problems } = findings;
    const required = [...accessDeclarationsOf(type), ...accessDeclarationsOf(method)];
    const malformed = [
      ...required.flatMap((declaration) => shapeProblems('access', declaration)),
      ...shapeProblems('route', options),
    ];
    problems.push(...malformed);
    const route =
      malformed.length === 0
        ? routeOf(
            { module, controller: type, method },
            options.version,
            this.application,
            this.modules,
            problems,
          )
        : undefined;
    if (!route) return NO_OFFERS;
    const documentation = documentationOf(method, type);
    const headers = (options.headers ?? []).map((name) => name.toLowerCase());
    problems.push(...headers.filter((name) => RESERVED_HEADER.test(name)).map(reservedProblem));
    const parameters = parametersOf(type, methodName, problems);
    const sources = { route, parameters, documentation, headers, rename: options.rename ?? {} };
    const derived = deriveArguments(sources, problems);
    problems.push(...unreadHeaders(headers, derived.list));
    const output = options.output === false ? undefined : declaredOutput(documentation, problems);
    const {
      headers: _headers,
      rename: _rename,
      version: _version,
      endpoint: _endpoint,
      forwardAuthorization,
      ...common
    } = options;
    const tool = compileTool(
      {
        ...common,
        description: options.description ?? documentation.description ?? '',
        annotations: options.annotations ?? (route.method === 'GET' ? { readOnlyHint: true } : undefined),
        input: passThrough(argumentsSchema(derived.list, derived.definitions)),
        output,
      },
      [...required, { organization: holdsObject(wrapper) && needsOrganization(wrapper) }],
      this.#runner(exposed, route, derived, output !== undefined, forwardAuthorization === true),
      findings,
    );
    return { ...NO_OFFERS, tools: [tool] };
  }

  #runner(
    { type, method, options: { name } }: ExposedMethod,
    route: Route,
    derived: RouteArguments,
    hasOutput: boolean,
    forwardAuthorization: boolean,
  ): MethodRunner {
    const application: Express = this.adapterHost.httpAdapter.getInstance();
    const makeRequest = requestFactory(route, derived, () => application.get('query parser') === 'extended');
    const answered = { name, arguments: derived.list, hasOutput, route: `${route.method} ${route.template}` };
    const run: MethodRunner = async (input, context, { principal, request: caller }) => {
      const request = makeRequest(argumentsIn(input));
      const injection: Injection = {
        principal,
        endpoint: this.endpoint,
        controller: type,
        handler: method,
        params: request.params,
        isReached: false,
      };
      const response = await injectInto(application, {
        request,
        injection,
        caller,
        forwardAuthorization,
        user: await this.userOf?.(principal),
        signal: context.signal,
        limit: this.configuration.tools.resultLimit,
      });
      if (!injection.isReached && response.status < 400) {
        throw new Error(`${answered.route} was answered before it reached its handler.`);
      }
      return toolResponse(response, answered);
    };
    return Object.assign(run, { origin: { instance: type.prototype, handler: method } });
  }
}

const NO_ROUTE =
  'its module was loaded while the application runs, when NestJS registers no routes. Import it in the root module.';

const ownerOf = ({ type, methodName }: ExposedMethod): string => `${type.name}.${methodName}`;

/** A malformed list is reported as such by the endpoint of the module. */
const endpointsFor = ({ module, options: { endpoint } }: ExposedMethod): readonly string[] => {
  const named = [endpoint ?? []].flat().filter((name) => typeof name === 'string');
  return named.length > 0 ? named : endpointsOf(module);
};

/** Accepts all arguments: the application's own pipes validate the request. */
function passThrough(schema: Record<string, unknown>): InputSchema {
  return {
    '~standard': {
      version: 1,
      vendor: 'aerie',
      jsonSchema: { input: () => schema, output: () => schema },
      validate: (value) => (isRecord(value) ? { value } : { issues: [{ message: 'must be an object' }] }),
    },
  };
}

const reservedProblem = (name: string): string =>
  `its header "${name}" belongs to the connection or the caller, so it cannot be an argument. Remove it.`;

const unreadHeaders = (headers: readonly string[], list: readonly RouteArgument[]): string[] =>
  headers
    .filter((name) => !list.some(({ place, key }) => place === 'header' && key === name))
    .map(
      (name) => `its header "${name}" is not read by any parameter. Add @Headers('${name}'), or remove it.`,
    );
