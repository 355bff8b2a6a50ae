import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  NotFoundException,
  Optional,
  type Type,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';

import { DEFAULT_ENDPOINT, ENDPOINT, servedBy } from '../routes/endpoint-name.js';
import { isGuess } from './auth-errors.js';
import { type AuthenticatedRequest, setChallenger, setPrincipal } from './authenticated-request.js';
import { bearerToken } from './bearer-token.js';
import { type InjectedRequest, type Injection, injectionOf } from './injected-request.js';
import type { Principal } from './principal.js';
import { protectedBy } from './protect.decorator.js';
import { ProtectedResource } from './protected-resource.js';
import { isPublic } from './public.decorator.js';
import { RevocationsService } from './revocation/revocations.service.js';
import { TokenVerifier } from './token-verifier.js';

/**
 * Injection token of the guard that runs for each request with an invalid token before the request is rejected. The
 * guard may throw its own error.
 */
export const INVALID_TOKEN_GUARD = Symbol('INVALID_TOKEN_GUARD');

/**
 * Routes that the guard covers: all that are not marked `@Public()` (`global`), or of those only the MCP endpoint and
 * the routes marked `@Protect()` (`mcp`), in an application with other guards.
 */
export type GuardedRoutes = 'global' | 'mcp';

/** Injection token of the {@link GuardedRoutes}. */
export const GUARDED_ROUTES = Symbol('GUARDED_ROUTES');

/**
 * Global guard that requires a valid, unrevoked bearer token on every route that it covers. Each endpoint has its own,
 * which covers the endpoint whatever its decorators say. The guard of the default endpoint also covers other routes.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  /** Whether each handler is open, by controller. Cached, because reading metadata costs a microsecond per request. */
  readonly #known = new WeakMap<object, Map<unknown, boolean>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
    private readonly revocations: RevocationsService,
    private readonly resource: ProtectedResource,
    @Optional() @Inject(INVALID_TOKEN_GUARD) private readonly invalidTokens?: CanActivate,
    @Optional() @Inject(GUARDED_ROUTES) private readonly routes: GuardedRoutes = 'global',
    @Optional() @Inject(ENDPOINT) private readonly endpoint = DEFAULT_ENDPOINT,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // Only HTTP requests have tokens. Other handlers of an application with other guards are not covered.
    if (context.getType() !== 'http') return this.routes === 'mcp' || this.endpoint !== DEFAULT_ENDPOINT;
    const request = context.switchToHttp().getRequest<Request & AuthenticatedRequest & InjectedRequest>();
    const injection = injectionOf(request);
    if (injection) requireOwnRoute(injection, context, request.params);
    if (this.#isOpen(context)) return true;

    try {
      if (injection?.endpoint === this.endpoint) return this.#admit(request, injection.principal);
      const verified = this.verifier.verify(bearerToken(request));
      return verified instanceof Promise
        ? verified
            .then((principal) => this.#admit(request, principal))
            .catch((error: unknown) => this.#refuse(error, context))
        : this.#admit(request, verified);
    } catch (error) {
      return this.#refuse(error, context);
    }
  }

  #isOpen(context: ExecutionContext): boolean {
    const [controller, handler] = [context.getClass(), context.getHandler()];
    let handlers = this.#known.get(controller);
    if (!handlers) this.#known.set(controller, (handlers = new Map<unknown, boolean>()));
    let known = handlers.get(handler);
    if (known === undefined) {
      known = !this.#covers(handler, controller);
      handlers.set(handler, known);
    }
    return known;
  }

  #covers(handler: ReturnType<ExecutionContext['getHandler']>, controller: Type): boolean {
    const endpoint = servedBy(this.reflector, controller) ?? protectedBy(this.reflector, handler, controller);
    if (endpoint !== undefined) return endpoint === this.endpoint;
    if (this.endpoint !== DEFAULT_ENDPOINT) return false;
    return this.routes === 'global' && !isPublic(this.reflector, handler, controller);
  }

  #admit(request: AuthenticatedRequest, principal: Principal): boolean {
    // Set before the check, so that the log names the caller of a rejected request.
    setPrincipal(request, principal);
    // Revocations apply to cached tokens too.
    this.revocations.check(principal);
    return true;
  }

  async #refuse(error: unknown, context: ExecutionContext): Promise<never> {
    setChallenger(context.switchToHttp().getRequest<AuthenticatedRequest>(), this.resource);
    if (isGuess(error)) await this.invalidTokens?.canActivate(context);
    throw error;
  }
}

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
