import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import { aPrincipal } from '../../test/support/principal.js';
import { serves } from '../routes/endpoint-name.js';
import { InvalidTokenError, IssuerUnavailableError, TooManyInvalidTokensError } from './auth-errors.js';
import { AuthGuard } from './auth.guard.js';
import type { GuardedRoutes } from './guarded-routes.js';
import { Protect } from './protect.decorator.js';
import { addKnownClass, checkPerRequest } from './known-handlers.js';
import type { TokenVerifier } from './token-verifier.js';

const request = {
  url: '/mcp',
  headers: { authorization: 'Bearer a.b.c' },
  rawHeaders: ['authorization', 'Bearer a.b.c'],
};
class Route {
  handler(this: void): void {}
}
const context = {
  getType: () => 'http',
  getHandler: () => Route.prototype.handler,
  getClass: () => Route,
  switchToHttp: () => ({ getRequest: () => request }),
} as unknown as ExecutionContext;

describe('AuthGuard', () => {
  const canActivate = jest.fn<Promise<boolean>, []>();
  beforeEach(() => canActivate.mockResolvedValue(true));

  const guardWith = (
    verify: TokenVerifier['verify'],
    routes: GuardedRoutes = 'global',
    endpoint = 'default',
  ): AuthGuard =>
    new AuthGuard(
      new Reflector(),
      { verify },
      { check: () => undefined } as never,
      {} as never,
      { canActivate },
      routes,
      endpoint,
    );
  const refuse = (error: Error) => (): never => {
    throw error;
  };

  it('admits a cached token synchronously, without calling the guard for invalid tokens', () => {
    const guard = guardWith(() => aPrincipal());
    expect(guard.canActivate(context)).toBe(true);
    expect(canActivate).not.toHaveBeenCalled();
  });

  it.each([
    ['synchronously', refuse(new InvalidTokenError('malformed'))],
    ['asynchronously', () => Promise.reject(new InvalidTokenError('malformed'))],
  ])('calls the guard for invalid tokens when the verifier rejects %s', async (_when, verify) => {
    canActivate.mockRejectedValue(new TooManyInvalidTokensError(5));
    const guard = guardWith(verify);
    await expect(async () => guard.canActivate(context)).rejects.toThrow(TooManyInvalidTokensError);
  });

  it.each([
    ['an expired token', new InvalidTokenError('expired')],
    ['a token that cannot be verified at the moment', new IssuerUnavailableError(1)],
  ])('does not call that guard for %s', async (_kind, error) => {
    const guard = guardWith(refuse(error));
    await expect(async () => guard.canActivate(context)).rejects.toBe(error);
    expect(canActivate).not.toHaveBeenCalled();
  });

  it.each([
    ['global', 'default', false],
    ['global', 'staff', true],
    ['mcp', 'default', true],
  ] as const)(
    'with guard "%s" at the endpoint %s, admits a message of no HTTP: %s',
    (routes, endpoint, isOpen) => {
      const verify = jest.fn(() => aPrincipal());
      const guard = guardWith(verify, routes, endpoint);
      for (const type of ['graphql', 'rpc', 'ws'])
        expect(guard.canActivate({ ...context, getType: () => type } as ExecutionContext)).toBe(isOpen);
      expect(verify).not.toHaveBeenCalled();
    },
  );

  it('rejects an invalid token even if that guard admits the request', async () => {
    const error = new InvalidTokenError('malformed');
    await expect(async () => guardWith(refuse(error)).canActivate(context)).rejects.toBe(error);
  });

  it.each([
    ['global', 'default', false],
    ['mcp', 'default', false],
    ['mcp', 'staff', true],
  ] as const)(
    'with guard "%s", covers a controller of "staff" at the endpoint %s: %s',
    (routes, endpoint, covers) => {
      const verify = jest.fn(() => aPrincipal());
      @serves('staff')
      class Served extends Route {}
      const guard = guardWith(verify, routes, endpoint);
      expect(guard.canActivate({ ...context, getClass: () => Served } as unknown as ExecutionContext)).toBe(
        true,
      );
      expect(verify).toHaveBeenCalledTimes(covers ? 1 : 0);
    },
  );

  it('keeps no handler in memory that only one request brings', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const guard = guardWith(() => aPrincipal());
    const handlers = Array.from({ length: 100 }, () => {
      const handler = (): void => {};
      expect(guard.canActivate({ ...context, getHandler: () => handler })).toBe(true);
      return new WeakRef(handler);
    });
    await turn();
    collectGarbage();
    expect(handlers.filter((handler) => handler.deref())).toHaveLength(0);
  });

  it('refuses a handler that replaces one of a controller with protected routes', () => {
    class Bound {
      @Protect()
      list(this: void): void {}
    }
    addKnownClass(Bound);
    checkPerRequest(Bound.prototype, [Bound.prototype.list]);
    const activate = (handler: unknown): unknown =>
      guardWith(() => aPrincipal(), 'mcp').canActivate({
        ...context,
        getClass: () => Bound,
        getHandler: () => handler,
      } as unknown as ExecutionContext);
    expect(activate(Bound.prototype.list)).toBe(true);
    expect(() => activate(Bound.prototype.list.bind(undefined))).toThrow(
      'Bound: the constructor, a class field, an instance decorator or a spy of a test replaces the handler "bound list", or "constructor", so decorators such as @Protect() are unknown. Keep both as declared.',
    );
  });
});
