import {
  Controller,
  Get,
  type MiddlewareConsumer,
  Module,
  type ModuleMetadata,
  type NestApplicationOptions,
  type NestModule,
  Post,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';

import { AerieModule } from '../src/aerie.module.js';
import { fromEnvironment } from '../src/index.js';
import { AerieTest } from '../src/testing/index.js';
import { isObject } from '../src/values/is-object.js';

@Controller('mcp/keys')
class KeysController {
  @Get()
  list(): string {
    return 'keys';
  }
}

@Controller('messages')
class MessagesController {
  @Get()
  list(): string {
    return 'messages';
  }

  @Get(':id')
  show(): string {
    return 'message';
  }
}

@Controller('messages')
class PostingController {
  @Post()
  create(): string {
    return 'created';
  }
}

/** Starts an application with a global prefix, whose middleware marks responses. */
const start = (
  path: string,
  controllers: NonNullable<ModuleMetadata['controllers']>,
  excluded: string[] = [],
  instrument?: NestApplicationOptions['instrument'],
) =>
  AerieTest.start(
    async (variables) => {
      @Module({
        imports: [AerieModule.forRoot(fromEnvironment({ ...variables, MCP_SSE: 'on' }))],
        controllers,
      })
      class Root implements NestModule {
        configure(consumer: MiddlewareConsumer): void {
          consumer
            .apply((_request: Request, response: Response, next: NextFunction) => {
              response.setHeader('x-session', 'checked');
              next();
            })
            .forRoutes('*');
        }
      }
      const application = await NestFactory.create(Root, { logger: false, abortOnError: false, instrument });
      application.setGlobalPrefix('api', { exclude: excluded });
      return application;
    },
    { path },
  );

describe('a global prefix of the application', () => {
  it.each([
    ['/mcp', KeysController, '/mcp/keys'],
    ['/', MessagesController, '/messages'],
    ['/', MessagesController, '/messages/1'],
  ])('with the endpoint at %s, applies to %p, with its middleware', async (path, controller, route) => {
    const aerie = await start(path, [controller]);
    const prefixed = await aerie.fetch(new URL(`/api${route}`, aerie.url));
    expect([prefixed.status, prefixed.headers.get('x-session')]).toEqual([200, 'checked']);
    const document = await aerie.fetch(new URL('/.well-known/oauth-protected-resource', aerie.url));
    expect(document.status).toBe(200);
    const card = await aerie.fetch(new URL(`${path === '/' ? '' : path}/server-card`, aerie.url));
    expect(card.status).toBe(200);
    await aerie.close();
  });

  it('does not apply to Aerie if an instance decorator replaces its modules', async () => {
    const aerie = await start('/mcp', [], [], {
      instanceDecorator: (instance) =>
        isObject(instance)
          ? new Proxy(instance, {
              get: (target, key) => {
                const value: unknown = Reflect.get(target, key);
                return typeof value === 'function' && key !== 'constructor' ? value.bind(target) : value;
              },
            })
          : instance,
    });
    const document = await aerie.fetch(new URL('/.well-known/oauth-protected-resource/mcp', aerie.url));
    const endpoint = await aerie.fetch(aerie.url, { method: 'POST' });
    expect([document.status, endpoint.status]).toEqual([200, 401]);
    await aerie.close();
  });

  it('stops the start if a route of the application has the path of a route of Aerie', async () => {
    await expect(start('/', [PostingController])).rejects.toThrow(
      'PostingController.create: its path /messages/ belongs to Aerie, which leaves it out of the global prefix. Change the path of the route or of RESOURCE_URL, or exclude the route from the global prefix yourself.',
    );
  });

  it('applies to no route that the application leaves out itself, even at a path of Aerie', async () => {
    const aerie = await start('/', [PostingController], ['messages']);
    const response = await aerie.fetch(new URL('/api/messages', aerie.url), { method: 'POST' });
    expect(response.status).toBe(404);
    await aerie.close();
  });
});
