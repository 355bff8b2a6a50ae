import { Controller, Delete, Get, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { AerieModule } from '../src/aerie.module.js';
import { fromEnvironment, McpTool, Protect, Public, RequireRoles } from '../src/index.js';
import { AerieTest } from '../src/testing/index.js';
import { catalogProblems } from './support/catalog-problems.js';

class CrudBase {
  @RequireRoles('editor')
  @Delete(':id')
  remove(): string {
    return 'removed';
  }
}

/** Starts an application whose routes all require a token, unless they are public. */
const startGuarded = (controllers: Type[]): Promise<AerieTest> =>
  AerieTest.start((variables) => {
    @Module({
      imports: [AerieModule.forRoot(fromEnvironment(variables), { guard: 'global' })],
      controllers,
    })
    class Root {}
    return NestFactory.create(Root, { logger: false, abortOnError: false });
  });

/** Copies the methods of a class, as `applyMixins` of the TypeScript handbook does. */
function applyMixin(type: Type, mixin: Type): void {
  const target: object = type.prototype;
  const source: object = mixin.prototype;
  for (const name of Object.getOwnPropertyNames(source)) {
    if (name === 'constructor') continue;
    Object.defineProperty(target, name, Object.getOwnPropertyDescriptor(source, name) ?? {});
  }
}

describe('a method that overrides one with an access decorator', () => {
  it.each(['class', 'method'] as const)('needs none itself if its %s has one', async (place) => {
    @RequireRoles('admin')
    @Controller('restricted')
    class RestrictedController extends CrudBase {
      @Delete(':id')
      override remove(): string {
        return super.remove();
      }
    }
    @Public()
    @Controller('public')
    class PublicController extends CrudBase {
      @Delete(':id')
      override remove(): string {
        return super.remove();
      }
    }
    class Mixin {
      @RequireRoles('admin')
      @Delete(':id')
      remove(): string {
        return 'removed';
      }
    }
    @Controller('mixed')
    class MixedController extends CrudBase {}
    applyMixin(MixedController, Mixin);

    const controllers = place === 'class' ? [RestrictedController, PublicController] : [MixedController];
    await (await startGuarded(controllers)).close();
  });

  it('needs one if only the base class has one, or a mixin has copied the method without', async () => {
    @Protect()
    @RequireRoles('editor')
    class RestrictedBase extends CrudBase {}
    @Controller('derived')
    class DerivedController extends RestrictedBase {
      @Delete(':id')
      override remove(): string {
        return super.remove();
      }
    }
    class Mixin {
      @Protect()
      @RequireRoles('admin')
      @Get()
      list(): string {
        return 'listed';
      }
    }
    class MixedBase {
      @Get()
      list(): string {
        return 'listed';
      }
    }
    applyMixin(MixedBase, Mixin);
    @Controller('mixed')
    class MixedController extends MixedBase {
      @Get()
      override list(): string {
        return super.list();
      }
    }
    expect(await catalogProblems({ controllers: [DerivedController, MixedController] })).toEqual([
      'DerivedController.remove: it overrides CrudBase.remove, which has @RequireRoles(), but has no access decorator itself. Repeat the decorator, or add @Public() to open the route.',
      'MixedController.list: it overrides MixedBase.list, which has @RequireRoles() and @Protect(), but has no access decorator itself. Repeat the decorators, or add @Public() to open the route.',
    ]);
  });

  it('offers a tool with fewer requirements if it has @Public()', async () => {
    class RefundBase {
      @RequireRoles('admin')
      @McpTool({ name: 'refund_base', description: 'Refunds.', scopes: 'authenticated' })
      refund(): string {
        return 'refunded';
      }
    }
    @Injectable()
    class RefundTools extends RefundBase {
      @Public()
      @McpTool({ name: 'refund', description: 'Refunds.', scopes: 'authenticated' })
      override refund(): string {
        return super.refund();
      }
    }
    const aerie = await AerieTest.create({ providers: [RefundTools] }).compile();
    expect((await aerie.fetch(aerie.url, { method: 'POST' })).status).toBe(401);
    await aerie.close();
  });
});
