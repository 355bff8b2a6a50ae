import { Controller, Get, Module, Scope, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { AerieModule } from '../src/aerie.module.js';
import type { GuardedRoutes } from '../src/auth/guarded-routes.js';
import { ExposeAsTool, fromEnvironment, Protect, Public, RequireScopes } from '../src/index.js';
import { CatalogError } from '../src/mcp/catalog/catalog-error.js';
import { AerieTest } from '../src/testing/index.js';
import { catalogProblems } from './support/catalog-problems.js';

type InstanceDecorator = (instance: unknown) => unknown;
type Method = (...inputs: unknown[]) => unknown;

/** Starts an application whose controllers an instance decorator can replace. */
const start = (
  controllers: Type[],
  guard: GuardedRoutes,
  instanceDecorator: InstanceDecorator = (instance) => instance,
): Promise<AerieTest> =>
  AerieTest.start((variables) => {
    @Module({ imports: [AerieModule.forRoot(fromEnvironment(variables), { guard })], controllers })
    class Root {}
    return NestFactory.create(Root, {
      logger: false,
      instrument: { instanceDecorator },
      abortOnError: false,
    });
  });

const problemsOf = async (...application: Parameters<typeof start>): Promise<readonly string[]> => {
  const error: unknown = await start(...application).then(
    (started) => started.close(),
    (fault: unknown) => fault,
  );
  if (!(error instanceof CatalogError)) throw error;
  return error.problems;
};

/** Wraps the methods of controllers, as an instance decorator for tracing or auditing does. */
const wrapping =
  (types: readonly Type[], wrap: (method: Method, name: string | symbol) => unknown): InstanceDecorator =>
  (instance) =>
    types.some((type) => instance instanceof type)
      ? new Proxy(instance as object, {
          get: (target, name, receiver) => {
            const member: unknown = Reflect.get(target, name, receiver);
            return typeof member === 'function' ? wrap(member as Method, name) : member;
          },
        })
      : instance;

const wrapped = (method: Method): Method =>
  function (this: unknown, ...inputs) {
    return method.apply(this, inputs);
  };

const exceptConstructor = (method: Method, name: string | symbol): unknown =>
  name === 'constructor' ? method : wrapped(method);

const replaced = (place: string, decorator: string): string =>
  `${place}: the constructor, a class field, an instance decorator or a spy of a test replaces the method, so ${decorator} has no effect. Keep the method as declared.`;

const disguised = (type: string): string =>
  `${type}: no guard enforces its @RequireScopes() or the like or @Protect(), because an instance decorator replaces "constructor". Let it return "constructor" unchanged.`;

describe('a method that the constructor replaces', () => {
  class Base {
    @Protect()
    @Get('inherited')
    inherited(): string {
      return 'inherited';
    }
  }

  @Controller('invoices')
  class InvoicesController extends Base {
    constructor() {
      super();
      this.list = this.list.bind(this);
      this.inherited = this.inherited.bind(this);
      this.open = this.open.bind(this);
      this.tool = this.tool.bind(this);
    }

    @Get()
    @Protect()
    @RequireScopes('billing:read')
    list(): string {
      return 'listed';
    }

    @Public()
    @Get('open')
    open(): string {
      return 'open';
    }

    @Get('tool')
    @ExposeAsTool({ name: 'tool', description: 'Answers.', scopes: 'authenticated' })
    tool(): string {
      return 'answered';
    }

    @Protect()
    @Get('kept')
    kept(): string {
      return 'kept';
    }
  }

  it('stops the start if a decorator is lost', async () => {
    expect(await catalogProblems({ controllers: [InvoicesController] })).toEqual([
      replaced('InvoicesController.list', '@RequireScopes()'),
      replaced('InvoicesController.list', '@Protect()'),
      replaced('Base.inherited', '@Protect()'),
      replaced('InvoicesController.tool', '@ExposeAsTool()'),
    ]);
  });

  it('lets the application start if it has no decorator of Aerie', async () => {
    @Controller('partly')
    class PartlyController {
      constructor() {
        this.open = this.open.bind(this);
      }

      @Get('open')
      open(): string {
        return 'open';
      }

      @Protect()
      @Get('closed')
      closed(): string {
        return 'closed';
      }
    }
    const aerie = await start([PartlyController], 'mcp');
    const open = await aerie.fetch(new URL('/partly/open', aerie.url));
    await expect(open.text()).resolves.toBe('open');
    expect((await aerie.fetch(new URL('/partly/closed', aerie.url))).status).toBe(401);
    await aerie.close();
  });
});

describe('an instance decorator', () => {
  @Controller('wrapped')
  class WrappedController {
    @Protect()
    @RequireScopes('billing:read')
    @Get()
    list(): string {
      return 'listed';
    }
  }

  @Protect()
  @Controller('whole')
  class WholeController {
    @Get()
    list(): string {
      return 'listed';
    }
  }

  @Controller({ path: 'scoped', scope: Scope.REQUEST })
  class ScopedController {
    @Protect()
    @Get()
    list(): string {
      return 'listed';
    }
  }
  const types = [WrappedController, WholeController, ScopedController];

  it('that replaces methods stops the start', async () => {
    expect(await problemsOf(types, 'mcp', wrapping(types, exceptConstructor))).toEqual([
      replaced('WrappedController.list', '@RequireScopes()'),
      replaced('WrappedController.list', '@Protect()'),
    ]);
  });

  it('that replaces "constructor" stops the start', async () => {
    expect(await problemsOf(types, 'mcp', wrapping(types, wrapped))).toEqual([
      disguised('WrappedController'),
      disguised('WholeController'),
      replaced('WrappedController.list', '@RequireScopes()'),
      replaced('WrappedController.list', '@Protect()'),
    ]);
  });

  const copying = (method: Method, name: string | symbol): unknown => {
    if (name === 'constructor') return method;
    const copy = wrapped(method);
    for (const key of Reflect.getMetadataKeys(method) as unknown[]) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, method), copy);
    }
    return copy;
  };

  it('that copies the metadata keeps the routes closed', async () => {
    const aerie = await start(types, 'mcp', wrapping(types, copying));
    const token = await aerie.token({ scopes: ['billing:read'] });
    for (const path of ['/wrapped', '/scoped', '/whole']) {
      const url = new URL(path, aerie.url);
      expect((await aerie.fetch(url)).status).toBe(401);
      expect((await aerie.fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    }
    await aerie.close();
  });
});

describe('a request-scoped controller that replaces a method', () => {
  @Controller({ path: 'scoped', scope: Scope.REQUEST })
  class BindingController {
    constructor() {
      this.list = this.list.bind(this);
    }

    @Protect()
    @RequireScopes('billing:read')
    @Get()
    list(): string {
      return 'listed';
    }

    @Get('kept')
    kept(): string {
      return 'kept';
    }
  }

  @Controller({ path: 'plain', scope: Scope.REQUEST })
  class PlainController {
    constructor() {
      this.list = this.list.bind(this);
    }

    @Get()
    list(): string {
      return 'listed';
    }
  }

  it.each(['mcp', 'global'] as const)('gets no request with guard: %p', async (guard) => {
    const aerie = await start([BindingController, PlainController], guard);
    const headers = { authorization: `Bearer ${await aerie.token({})}` };
    const statusOf = async (path: string, init?: RequestInit): Promise<number> =>
      (await aerie.fetch(new URL(path, aerie.url), init)).status;
    expect(await statusOf('/scoped')).toBe(500);
    expect(await statusOf('/scoped', { headers })).toBe(500);
    expect(await statusOf('/scoped/kept', { headers })).toBe(200);
    expect(await statusOf('/plain', { headers })).toBe(200);
    await aerie.close();
  });

  it('starts if a factory has a prototype without a constructor', async () => {
    const create = function (): string {
      return 'made';
    };
    create.prototype = Object.create(null);
    const started = await AerieTest.start((variables) => {
      @Module({
        imports: [AerieModule.forRoot(fromEnvironment(variables))],
        providers: [{ provide: 'made', useFactory: create }],
      })
      class Root {}
      return NestFactory.create(Root, { logger: false, abortOnError: false });
    });
    expect(started.application.get('made')).toBe('made');
    await started.close();
  });
});
