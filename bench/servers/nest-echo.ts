// Floor of NestJS on Express: a guard that caches the token, and a controller that returns the body.
import 'reflect-metadata';

import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { TokenGuard } from './token.guard.js';

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
