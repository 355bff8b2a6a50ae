import { Inject, Injectable, type Type } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/internal';
import { ApplicationConfig, ModulesContainer, Reflector } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';

import { AccessRule } from '../../auth/access/access-rule.js';
import { accessDeclarationsOf, isRestrictedItself } from '../../auth/access/require.decorators.js';
import { accessRuleOf } from '../../auth/access/route-access.js';
import { GUARDED_ROUTES, type GuardedRoutes, guardingEndpoint } from '../../auth/guarded-routes.js';
import { lostDecoratorsOf } from '../../auth/member-tracking.js';
import { protectedBy } from '../../auth/protect.decorator.js';
import { isPublic } from '../../auth/public.decorator.js';
import { ENDPOINT } from '../../routes/endpoint-name.js';
import { routesTakenOutOfPrefix } from '../../routes/leave-out-of-prefix.js';
import { isObject } from '../../values/is-object.js';
import { classesOf } from '../catalog/classes-of.js';
import { shapeProblems } from '../catalog/declaration-shape.js';
import { holdsObject, methodsOf } from '../catalog/discovery.js';
import type { Method } from '../catalog/method-runner.js';
import { requirementProblems } from '../catalog/offer.js';
import type { OfferSource, PlacedOffer } from '../catalog/offer-source.js';
import { exposedOptionsOf } from '../decorators/expose-as-tool.decorator.js';
import { declaredOptionsOf } from '../decorators/offer-options.js';
import { isType } from './exposed-methods.js';
import { disguisedIn, prepareGuard, replacedIn } from './replaced-methods.js';
import { unrestrictedOverrides } from './unrestricted-overrides.js';

/** Method of a controller or provider. */
interface Member {
  readonly type: Type;
  readonly name: string;
  readonly method: Method;
}

/** Checks `@RequireScopes()` and the like on routes, which Aerie's guard enforces, and finds those without effect. */
@Injectable()
export class RouteAccess implements OfferSource {
  constructor(
    private readonly reflector: Reflector,
    private readonly application: ApplicationConfig,
    private readonly modules: ModulesContainer,
    @Inject(GUARDED_ROUTES) private readonly routes: GuardedRoutes,
    @Inject(ENDPOINT) private readonly endpoint: string,
  ) {}

  /** A route is no offer. */
  declaredIn(): PlacedOffer[] {
    return [];
  }

  misplacedIn(modules: readonly Module[], added: readonly Module[]): string[] {
    const known = typesOf(modules.flatMap(wrappersIn));
    const ofProviders = providersIn(added, modules)
      .filter((type) => !known.some((other) => other.prototype instanceof type))
      .flatMap(idleIn)
      .map((name) => `${name}: its ${DECORATORS} has no effect, because it offers nothing. Remove it.`);
    const ofControllers = controllersIn(added).flatMap((members) => [
      ...this.#problemsOfClass(members),
      ...members.flatMap((member) => this.#problemsOfMethod(member)),
    ]);
    const overrides = unrestrictedOverrides(added, (method, type) =>
      guardingEndpoint(this.reflector, method, type, this.routes),
    );
    const isRestrictedType = (type: Type): boolean => this.#isProtected(type);
    const disguised = disguisedIn(added, isRestrictedType);
    prepareGuard(added, isRestrictedType);
    return [
      ...ofControllers,
      ...ofProviders,
      ...lostIn(added),
      ...overrides,
      ...disguised,
      ...routesTakenOutOfPrefix(this.application, modules, this.modules.applicationId),
      ...replacedIn(added),
    ];
  }

  routeScopesIn(modules: readonly Module[]): string[] {
    return controllersIn(modules)
      .flat()
      .filter((route) => isRoute(route) && this.#guardOf(route) === this.endpoint)
      .filter(({ type, method }) => [type, method].every((target) => faultsOf(target).length === 0))
      .flatMap(({ type, method }) => accessRuleOf(type, method).scopes.flat());
  }

  /** Exposed methods are exempt: their tools check the declarations, and the application's own guards protect the routes. */
  #problemsOfClass(members: readonly Member[]): string[] {
    const type = members[0]?.type;
    if (type && this.#isMisread(type)) {
      return [
        `${type.name}: no guard enforces its ${DECORATORS} or @Protect(), because a class decorator or mixin replaced the constructor. Move the decorator to each route.`,
      ];
    }
    if (!type || !isRestricted(type)) return [];
    const routes = members.filter((member) => isRoute(member) && !isExposed(member));
    const open = routes.filter((route) => this.#guardOf(route) === undefined);
    const forgotten = open.filter(({ method }) => !isPublic(this.reflector, method, type));
    const names = forgotten.map(({ name }) => name).join(', ');
    const idle = `${type.name}: its ${DECORATORS} has no effect`;
    // The tools of the class have its declarations, and check them.
    if (members.some(isExposed))
      return forgotten.length > 0 ? [`${idle} on ${names}, ${UNGUARDED_SIBLINGS}`] : [];
    const faults = faultsOf(type).map((fault) => `${type.name}: ${fault}`);
    if (routes.length === 0) {
      return [...faults, `${idle}, because the controller has no route. ${LOST_ROUTE}`];
    }
    const isIdle = open.length === routes.length || forgotten.length > 0;
    return [...faults, ...(isIdle ? [`${idle} on ${names || 'any route'}, ${UNGUARDED}`] : [])];
  }

  #problemsOfMethod(member: Member): string[] {
    const { type, method } = member;
    const idle = `${nameOf(member)}: its ${DECORATORS} has no effect`;
    if (isMessageHandler(member) && [type, method].some(isRestricted)) return [`${idle}, ${OF_MESSAGES}`];
    if (!isRestricted(method) || isExposed(member)) return [];
    const faults = faultsOf(method).map((fault) => `${nameOf(member)}: ${fault}`);
    if (!isRoute(member)) return [...faults, `${idle}, because the method has no route. ${LOST_ROUTE}`];
    return [...faults, ...(this.#guardOf(member) === undefined ? [`${idle}, ${UNGUARDED}`] : [])];
  }

  /** Whether guards miss decorators: they read those of the controller's `constructor` and its base classes. */
  #isMisread(type: Type): boolean {
    const prototype: object = type.prototype;
    const isRead = (one: Type): boolean =>
      prototype.constructor === type && (one === type || Object.prototype.isPrototypeOf.call(one, type));
    return [type, ...classesOf(prototype)]
      .filter(isType)
      .filter((one) => this.#isProtected(one))
      .some((one) => !isRead(one));
  }

  #isProtected(type: Type): boolean {
    return isRestricted(type) || protectedBy(this.reflector, type, type) !== undefined;
  }

  #guardOf({ type, method }: Member): string | undefined {
    return guardingEndpoint(this.reflector, method, type, this.routes);
  }
}

const DECORATORS = '@RequireScopes() or the like';

/** A route decorator that is lost leaves no trace, so a method without a route may have had one. */
const LOST_ROUTE = `If a decorator above @Get() or the like replaces the method, the route is lost: put that decorator closest to the method. Otherwise, remove ${DECORATORS}.`;

const UNGUARDED =
  'because no guard of Aerie covers it. Add @Protect() at the top, or remove the decorator. See docs/authorization.md.';

const UNGUARDED_SIBLINGS =
  'because no guard of Aerie covers it. Add @Protect() at the top of it, or move the decorator to the methods with @ExposeAsTool(). See docs/authorization.md.';

const OF_MESSAGES =
  'because no guard of Aerie covers message handlers. Move the handler to a controller without the decorator.';

const isRestricted = (target: object): boolean => accessDeclarationsOf(target).length > 0;

const isRoute = ({ method }: Member): boolean => Reflect.hasMetadata(PATH_METADATA, method);

const isExposed = ({ method }: Member): boolean => exposedOptionsOf(method) !== undefined;

/** Whether a method handles messages, by the metadata key of `@nestjs/microservices`. */
const isMessageHandler = ({ method }: Member): boolean =>
  Reflect.hasMetadata('microservices:pattern', method);

const nameOf = ({ type, name }: Member): string => `${type.name}.${name}`;

const isOffered = (member: Member): boolean =>
  declaredOptionsOf(member.method) !== undefined || isExposed(member);

/** Returns the names of a provider's class and methods that are restricted but offer nothing. */
function idleIn(type: Type): string[] {
  const members = membersOf(type);
  const isIdle = isRestrictedItself(type) && !members.some(isOffered);
  const methods = members.filter((member) => isRestricted(member.method) && !isOffered(member));
  return [...(isIdle ? [type.name] : []), ...methods.map(nameOf)];
}

function faultsOf(target: object): string[] {
  const declarations = accessDeclarationsOf(target);
  const malformed = declarations.flatMap((declaration) => shapeProblems('access', declaration));
  return malformed.length > 0 ? malformed : requirementProblems(new AccessRule(declarations), declarations);
}

/** Returns the problems of access decorators on members of controllers and providers that have no effect. */
function lostIn(modules: readonly Module[]): string[] {
  const prototypes = modules
    .flatMap(wrappersIn)
    .filter(holdsObject)
    .map(({ instance }): unknown => Object.getPrototypeOf(instance))
    .filter(isObject);
  return [...new Set([...new Set(prototypes)].flatMap((prototype) => lostDecoratorsOf(prototype)))];
}

/** Returns the methods of each controller. */
const controllersIn = (modules: readonly Module[]): Member[][] =>
  typesOf(modules.flatMap(({ controllers }) => [...controllers.values()])).map(membersOf);

/** Returns the classes of providers. A class that is a controller too is checked as a controller. */
function providersIn(added: readonly Module[], modules: readonly Module[]): Type[] {
  const checked = new Set(typesOf(modules.flatMap(({ controllers }) => [...controllers.values()])));
  return typesOf(added.flatMap(({ providers }) => [...providers.values()])).filter(
    (type) => !checked.has(type),
  );
}

const wrappersIn = ({ controllers, providers }: Module): InstanceWrapper<unknown>[] => [
  ...controllers.values(),
  ...providers.values(),
];

/** Returns the classes of controllers or providers, each once. */
function typesOf(wrappers: readonly InstanceWrapper<unknown>[]): Type[] {
  const types = wrappers.filter(({ isAlias }) => !isAlias).map(({ metatype }): unknown => metatype);
  return [...new Set(types)].filter(isType);
}

function membersOf(type: Type): Member[] {
  const prototype: object = type.prototype;
  return methodsOf(prototype).map(({ method, methodName: name }) => ({ type, name, method }));
}
