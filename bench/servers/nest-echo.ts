// Floor of NestJS on Express: a guard that caches the token, and a controller that returns the body.
import 'reflect-metadata';

import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  HttpCode,
  Injectable,
  Module,
  Post,
  UnauthorizedException,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import type { Request } from 'express';

import { verifyBearer } from './remembered-token.js';

@Injectable()
class TokenGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      await verifyBearer(context.switchToHttp().getRequest<Request>().headers.authorization);
      return true;
    } catch {
      throw new UnauthorizedException();
    }
  }
}

@Controller('mcp')
class EchoController {
  @Post()
  @HttpCode(200)
  echo(@Body() body: object): object {
    return { result: body };
  }
}

@Module({ controllers: [EchoController], providers: [{ provide: APP_GUARD, useClass: TokenGuard }] })
class EchoModule {}

const application = await NestFactory.create(EchoModule, { logger: false });
await application.listen(Number(process.env['PORT']), '127.0.0.1');
