import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  HttpException,
  Injectable,
  type NestInterceptor,
  type NestMiddleware,
} from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { map, type Observable } from 'rxjs';

import { listIn } from '../../../src/values/list-in.js';

type Caller = Request & { user?: { name: string; roles: readonly string[] } };

const requestOf = (context: ArgumentsHost): Caller => context.switchToHttp().getRequest<Caller>();

/** Reads the claims of the bearer token, like a guard that was there before Aerie. */
const claimsIn = ({ headers }: Request): Record<string, unknown> | undefined => {
  const [, payload] = (headers.authorization ?? '').split('.');
  if (payload === undefined) return undefined;
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return claims;
};

/** Accepts callers with the header Authorization, and takes the user from it. */
@Injectable()
export class OwnTokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = requestOf(context);
    const claims = claimsIn(request);
    if (!claims) return false;
    request.user = { name: String(claims['sub']), roles: [] };
    return true;
  }
}

/** Accepts administrators among the users that middleware or Aerie has set. */
@Injectable()
export class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return requestOf(context).user?.roles.includes('admin') === true;
  }
}

/** Refuses one caller, as a limit of the application would. */
@Injectable()
export class LimitGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (requestOf(context).user?.name === 'eve')
      throw new HttpException('Too many orders. Wait a minute.', 429);
    return true;
  }
}

/** Sets the user of requests over HTTP, from their token. */
@Injectable()
export class UserMiddleware implements NestMiddleware {
  use(request: Caller, response: Response, next: NextFunction): void {
    const claims = claimsIn(request);
    const roles = claims?.['roles'];
    if (claims) request.user = { name: String(claims['sub']), roles: listIn(roles).map(String) };
    response.setHeader('X-Shop', 'yes');
    next();
  }
}

@Injectable()
export class Envelope implements NestInterceptor<unknown, unknown> {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    return next.handle().pipe(map((data) => ({ data, type: context.getType() })));
  }
}

export class OutOfStock extends Error {}

@Catch(OutOfStock)
export class OutOfStockFilter implements ExceptionFilter {
  catch(_error: OutOfStock, host: ArgumentsHost): void {
    host
      .switchToHttp()
      .getResponse<Response>()
      .status(409)
      .json({ message: 'out of stock', hint: 'order less' });
  }
}
