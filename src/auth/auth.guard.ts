import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  NotFoundException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';

import { DEFAULT_ENDPOINT, ENDPOINT } from '../routes/endpoint-name.js';
import type { AccessRule } from './access/access-rule.js';
import { accessRuleOf, requireAccess } from './access/route-access.js';
import { isGuess } from './auth-errors.js';
import { type AuthenticatedRequest, setChallenger, setPrincipal } from './authenticated-request.js';
import { bearerToken } from './bearer-token.js';
import { type InjectedRequest, type Injection, injectionOf } from './injected-request.js';
import type { Principal } from './principal.js';
import { isReplaced } from './known-handlers.js';
import { ProtectedResource } from './protected-resource.js';
import { RevocationsService } from './revocation/revocations.service.js';
import { GUARDED_ROUTES, type GuardedRoutes, guardingEndpoint } from './guarded-routes.js';
import { TokenVerifier } from './token-verifier.js';

/**
 * Injection token of the guard that runs for each request with an invalid token before the request is rejected. The
 * guard may throw its own error.
 */
export const INVALID_TOKEN_GUARD = Symbol('INVALID_TOKEN_GUARD');

/** Requirements of a route. Most routes accept any token, which needs no check. */
type Requirements = AccessRule | 'any token' | 'uncovered';

/**
 * Global guard that requires a valid, unrevoked bearer token on every route that it covers, and what `@RequireScopes()`
 * and the like declare for it. Each endpoint has its own guard, which covers the endpoint whatever its decorators say.
 * The guard of the default endpoint also covers other routes.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  /**
   * Rule of each handler, by controller. Cached, because reading metadata costs a microsecond per request. A controller
   * that is created per request may bring its own handlers each time, so they must not be kept.
   */
  readonly #known = new WeakMap<object, WeakMap<object, Requirements>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
    private readonly revocations: RevocationsService,
    private readonly resource: ProtectedResource,
    @Inject(INVALID_TOKEN_GUARD) private readonly invalidTokens: CanActivate,
    @Inject(GUARDED_ROUTES) private readonly routes: GuardedRoutes,
    @Inject(ENDPOINT) private readonly endpoint: string,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // Only HTTP requests have tokens. Other handlers of an application with other guards are not covered.
    if (context.getType() !== 'http') return this.routes === 'mcp' || this.endpoint !== DEFAULT_ENDPOINT;
    const request = context.switchToHttp().getRequest<Request & AuthenticatedRequest & InjectedRequest>();
    const injection = injectionOf(request);
    const rule = this.#ruleFor(context);
    if (injection) requireOwnRoute(injection, context, request.params);
    if (rule === 'uncovered') return true;

    try {
      if (injection?.endpoint === this.endpoint) return this.#admit(request, injection.principal, rule);
      const verified = this.verifier.verify(bearerToken(request));
      return verified instanceof Promise
        ? verified
            .then((principal) => this.#admit(request, principal, rule))
            .catch((error: unknown) => this.#refuse(error, context))
        : this.#admit(request, verified, rule);
    } catch (error) {
      return this.#refuse(error, context);
    }
  }

  #ruleFor(context: ExecutionContext): Requirements {
    const [controller, handler] = [context.getClass(), context.getHandler()];
    let handlers = this.#known.get(controller);
    if (!handlers) this.#known.set(controller, (handlers = new WeakMap<object, Requirements>()));
    let known = handlers.get(handler);
    if (known === undefined) {
      if (isReplaced(controller, handler)) throw new Error(replaced(controller.name, handler.name));
      const isCovered = guardingEndpoint(this.reflector, handler, controller, this.routes) === this.endpoint;
      const rule = accessRuleOf(controller, handler);
      known = !isCovered ? 'uncovered' : rule.isOpen ? 'any token' : rule;
      handlers.set(handler, known);
    }
    return known;
  }

  #admit(request: AuthenticatedRequest, principal: Principal, rule: AccessRule | 'any token'): boolean {
    // Set before the checks, so that the log names the caller of a rejected request.
    setPrincipal(request, principal);
    // Revocations apply to cached tokens too.
    this.revocations.check(principal);
    if (rule !== 'any token') requireAccess(rule, principal);
    return true;
  }

  async #refuse(error: unknown, context: ExecutionContext): Promise<never> {
    setChallenger(context.switchToHttp().getRequest<AuthenticatedRequest>(), this.resource);
    if (isGuess(error)) await this.invalidTokens.canActivate(context);
    throw error;
  }
}

/** Names are empty if an instance decorator brings unnamed functions. */
const replaced = (controller: string, handler: string): string =>
  `${controller || 'A controller'}: the constructor, a class field, an instance decorator or a spy of a test replaces the handler "${handler}", or "constructor", so decorators such as @Protect() are unknown. Keep both as declared.`;

/**
 * Keeps a request that a tool makes from reaching any route but its own, and any parameters but its arguments: a path
 * such as `/:name.:format` can be read in several ways.
 *
 * @throws {NotFoundException} when the URL of the request matches an earlier route, or reads as other arguments
 */
function requireOwnRoute(injection: Injection, context: ExecutionContext, params: Request['params']): void {
  const isOwn = context.getClass() === injection.controller && context.getHandler() === injection.handler;
  const isRead = Object.entries(injection.params).every(
    ([name, value]) => [params[name]].flat().join('/') === value,
  );
  if (!isOwn || !isRead) {
    throw new NotFoundException('The arguments address another route. Correct them and call again.');
  }
  injection.isReached = true;
}
