import { Controller, Get, Module, Scope, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { AerieModule } from '../src/aerie.module.js';
import { fromEnvironment, Protect } from '../src/index.js';
import { AerieTest } from '../src/testing/index.js';
import { catalogProblems } from './support/catalog-problems.js';

@Controller({ path: 'method', scope: Scope.REQUEST })
class MethodController {
  @Protect()
  @Get()
  list(): string {
    return 'listed';
  }
}

@Protect()
@Controller({ path: 'class', scope: Scope.REQUEST })
class ClassController {
  @Get()
  list(): string {
    return 'listed';
  }
}

@Controller({ path: 'open', scope: Scope.REQUEST })
class OpenController {
  @Get()
  list(): string {
    return 'listed';
  }
}

class Mixin {
  @Protect()
  @Get()
  list(): string {
    return 'listed';
  }
}

/** Copies the methods of {@link Mixin}, as `applyMixins` of the TypeScript handbook does. */
function applyMixin({ prototype }: Type): void {
  const list = Object.getOwnPropertyDescriptor(Mixin.prototype, 'list') ?? {};
  Object.defineProperty(prototype, 'list', list);
}

/** Starts an application with an instance decorator that wraps all methods, and "constructor", of some classes. */
const start = (controllers: Type[], wrapped: readonly Type[]): Promise<AerieTest> =>
  AerieTest.start((variables) => {
    @Module({ imports: [AerieModule.forRoot(fromEnvironment(variables), { guard: 'mcp' })], controllers })
    class Root {}
    const instanceDecorator = (instance: unknown): unknown =>
      wrapped.some((type) => instance instanceof type)
        ? new Proxy(instance as object, {
            get: (target, name, receiver) => {
              const member: unknown = Reflect.get(target, name, receiver);
              if (typeof member !== 'function') return member;
              return (...inputs: unknown[]): unknown => Reflect.apply(member, target, inputs);
            },
          })
        : instance;
    return NestFactory.create(Root, {
      logger: false,
      instrument: { instanceDecorator },
      abortOnError: false,
    });
  });

const statusOf = async (aerie: AerieTest, path: string): Promise<number> =>
  (await aerie.fetch(new URL(path, aerie.url))).status;

describe('a request-scoped controller whose "constructor" an instance decorator replaces', () => {
  // First, because the guard of any application refuses unknown classes once one of this process has such controllers.
  it('gets requests in an application without access decorators on such controllers', async () => {
    const aerie = await start([OpenController], [OpenController]);
    expect(await statusOf(aerie, '/open')).toBe(200);
    await aerie.close();
  });

  it.each([
    ['its method', MethodController, '/method'],
    ['its class', ClassController, '/class'],
  ])('gets no request if %s has an access decorator', async (_place, type, path) => {
    const aerie = await start([type, OpenController], [type]);
    expect(await statusOf(aerie, path)).toBe(500);
    expect(await statusOf(aerie, '/open')).toBe(200);
    expect((await aerie.fetch(aerie.url, { method: 'POST' })).status).toBe(401);
    await aerie.close();
  });
});

describe('a method that a mixin has copied and the constructor replaces', () => {
  it('stops the start', async () => {
    @Controller('mixed')
    class MixedController {
      declare list: () => string;

      constructor() {
        this.list = this.list.bind(this);
      }
    }
    applyMixin(MixedController);
    expect(await catalogProblems({ controllers: [MixedController] })).toEqual([
      'MixedController.list: the constructor, a class field, an instance decorator or a spy of a test replaces the method, so @Protect() has no effect. Keep the method as declared.',
    ]);
  });

  it('gets no request if the controller is request-scoped', async () => {
    @Controller({ path: 'mixed', scope: Scope.REQUEST })
    class MixedController {
      declare list: () => string;

      constructor() {
        this.list = this.list.bind(this);
      }
    }
    applyMixin(MixedController);
    const aerie = await start([MixedController], []);
    expect(await statusOf(aerie, '/mixed')).toBe(500);
    await aerie.close();
  });
});
