import {
  Body,
  type CanActivate,
  Controller,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  Post,
  Scope,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { z } from 'zod';

import { CatalogService } from '../src/mcp/catalog/catalog.service.js';
import { ExposeAsTool, leaveOut, LiveCatalog, McpPrompt, McpResource, McpTool } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { Bound } from './support/bound.decorator.js';
import { postModern, resultText, toolCall } from './support/rpc.js';

const base = { description: 'x', scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;

function moduleOf(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class TestModule {}
  return TestModule;
}

/** Startup error of a server with the module. */
async function startFailure(...modules: Type[]): Promise<string> {
  try {
    await (await startAerie({ modules })).close();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'It started.';
}

async function started<Result>(
  module: Type,
  use: (aerie: Aerie, catalog: CatalogService) => Promise<Result> | Result,
): Promise<Result> {
  const aerie = await startAerie({ modules: [module] });
  try {
    return await use(aerie, aerie.application.get(CatalogService, { strict: false }));
  } finally {
    await aerie.close();
  }
}

@Injectable()
class SomeTools {
  @McpTool({ ...base, name: 'some' })
  some(): string {
    return '';
  }
}

@Injectable()
class OfAnother {
  @McpTool({ ...base, name: 'of_another' })
  ofAnother(): string {
    return '';
  }
}

class Hidden {
  @McpTool({ ...base, name: 'hidden' })
  hidden(): string {
    return '';
  }
}

@Controller('orders')
class OrdersController {
  @Post()
  @McpTool({ ...base, name: 'create_order' })
  create(@Body() _order: object): string {
    return '';
  }
}

@Injectable()
class GuardWithResource implements CanActivate {
  canActivate(): boolean {
    return true;
  }

  @McpResource({ uri: 'guard://x', name: 'guard', scopes: 'authenticated' })
  read(): string {
    return '';
  }
}

@Injectable()
class Misplaced {
  @McpTool({ ...base, name: 'static' })
  static fixed(): string {
    return '';
  }

  @McpPrompt({ name: 'symbol', scopes: 'authenticated' })
  [Symbol.for('prompt')](): string {
    return '';
  }
}

/** Declaration that only JavaScript or unchecked TypeScript can contain. */
@Injectable()
class OnProperties {}
McpTool({ ...base, name: 'arrow' })(OnProperties.prototype, 'arrow', undefined);
McpPrompt({ name: 'initialized', scopes: 'authenticated' })(OnProperties.prototype, 'initialized', {});

@Injectable()
class Twice {
  @McpTool({ ...base, name: 'once' })
  @McpTool({ ...base, name: 'again' })
  both(): string {
    return '';
  }
}

/** Replaces a method as a decorator of an application may, without its metadata. */
const Wrapped: MethodDecorator = (_prototype, _name, descriptor) => {
  const { value } = descriptor;
  Object.assign(descriptor, {
    value(this: unknown, ...given: unknown[]): unknown {
      return typeof value === 'function' ? value.apply(this, given) : undefined;
    },
  });
};

@Injectable()
class Replaced {
  @Wrapped
  @McpTool({ ...base, name: 'replaced' })
  replaced(): string {
    return '';
  }

  @McpTool({ ...base, name: 'on_top' })
  @Wrapped
  onTop(): string {
    return '';
  }

  @McpTool({ ...base, name: 'upper' })
  @Wrapped
  @McpTool({ ...base, name: 'lower' })
  twice(): string {
    return '';
  }
}

@Injectable()
class BoundTools {
  @Bound
  @McpTool({ ...base, name: 'below' })
  below(): string {
    return '';
  }

  @McpTool({ ...base, name: 'above' })
  @Bound
  above(): string {
    return '';
  }
}

@Injectable()
class InheritsReplaced extends Replaced {}

@Controller('exposed')
class Exposed {
  @ExposeAsTool({ ...base, name: 'static' })
  static fixed(): string {
    return '';
  }

  @ExposeAsTool({ ...base, name: 'symbol' })
  [Symbol('route')](): string {
    return '';
  }

  @Post('twice')
  @ExposeAsTool({ ...base, name: 'upper' })
  @ExposeAsTool({ ...base, name: 'lower' })
  twice(): string {
    return '';
  }

  @Wrapped
  @Post('replaced')
  @ExposeAsTool({ ...base, name: 'replaced' })
  replaced(): string {
    return '';
  }
}

@Controller('wrapped')
class WrappedRoute {
  @Post()
  @ExposeAsTool({ ...base, name: 'wrapped' })
  @Wrapped
  run(): string {
    return '';
  }
}

class ExposingBase {
  @Post()
  @ExposeAsTool({ ...base, name: 'exposed' })
  run(): string {
    return '';
  }
}

@Controller('overriding')
class OverridingRoute extends ExposingBase {
  @Post()
  override run(): string {
    return '';
  }
}

@Controller('forgotten')
class ForgottenController extends ExposingBase {
  @Post('more')
  @ExposeAsTool({ ...base, name: 'more' })
  more(): string {
    return '';
  }
}

@Controller('left-out')
class LeftOutController extends ExposingBase {
  @Post('left-out')
  @ExposeAsTool({ ...base, name: 'left_out_route' })
  leftOut(): string {
    return '';
  }
}

const NO_OPTIONS: { name: string; uri: string } = Reflect.get({}, 'options');

@Injectable()
class WithoutOptions {
  @McpPrompt(NO_OPTIONS)
  prompt(): string {
    return '';
  }

  @McpResource(NO_OPTIONS)
  resource(): string {
    return '';
  }
}

@Injectable()
class Forgotten extends SomeTools {
  @McpTool({ ...base, name: 'forgotten' })
  forgotten(): string {
    return '';
  }
}

@Injectable()
class LeftOut extends SomeTools {
  @McpTool({ ...base, name: 'left_out' })
  leftOut(): string {
    return '';
  }
}

@Injectable()
class Overriding extends SomeTools {
  override some(): string {
    return 'other';
  }
}

@Injectable()
class OverridingWithDecorator extends SomeTools {
  @McpTool({ ...base, name: 'some_other' })
  override some(): string {
    return 'other';
  }
}

@Injectable()
class AddedInConstructor {
  constructor(catalog: LiveCatalog) {
    catalog.addTool({ ...base, name: 'added' }, () => 'x');
    catalog.addTool({ ...base, name: 'removed' }, () => 'x')();
  }
}

@Injectable()
class FaultyInConstructor {
  constructor(catalog: LiveCatalog) {
    catalog.addTool(
      { ...base, name: 'faulty', input: z.object({ a: z.string().regex(new RegExp(String.raw`\-`)) }) },
      () => 'x',
    );
  }
}

@Injectable()
class DenyAll implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Injectable()
@UseGuards(DenyAll)
class DenyingTools {
  @McpTool({ ...base, name: 'denied' })
  denied(): string {
    return 'reached';
  }
}

@Injectable()
class DenyingResource {
  @McpResource({ uri: 'denied://{id}', name: 'denied', scopes: 'authenticated', list: 'list' })
  read(): string {
    return 'reached';
  }

  @UseGuards(DenyAll)
  list(): [] {
    return [];
  }
}

describe('what is declared but cannot be offered', () => {
  it('on a controller', async () => {
    const failure = await startFailure(moduleOf({ controllers: [OrdersController] }));
    expect(failure).toMatch(
      /OrdersController\.create: @McpTool is on a controller, .*bypass the controller's guards/,
    );
  });

  it('on a guard that no module provides', async () => {
    @UseGuards(GuardWithResource)
    class Guarded extends SomeTools {}
    const failure = await startFailure(moduleOf({ providers: [Guarded] }));
    expect(failure).toMatch(/GuardWithResource\.read: @McpResource is on a class that no module provides/);
  });

  it('on static and symbol members', async () => {
    const failure = await startFailure(moduleOf({ providers: [Misplaced] }));
    expect(failure).toMatch(/Misplaced\.fixed: @McpTool is on a static member/);
    expect(failure).toMatch(/Misplaced\.Symbol\(prompt\): @McpPrompt is on a symbol/);
  });

  it.each([[Replaced], [InheritsReplaced]])(
    'below a decorator that replaces the method: %p',
    async (type) => {
      const failure = await startFailure(moduleOf({ providers: [type] }));
      expect(failure).toMatch(
        /Replaced\.replaced: a decorator above @McpTool replaces the method, .* Move @McpTool to the top\./,
      );
      expect(failure).toMatch(/Replaced\.twice: it has @McpTool twice/);
      expect(failure).not.toMatch(/onTop/);
    },
  );

  it('next to a decorator that replaces the method with a getter', async () => {
    const failure = await startFailure(moduleOf({ providers: [BoundTools] }));
    for (const name of ['below', 'above']) {
      expect(failure).toContain(
        `BoundTools.${name}: another decorator replaces the method with a getter, so @McpTool has no effect. Remove the other decorator.`,
      );
    }
  });

  it('on methods of a controller that cannot be tools', async () => {
    const failure = await startFailure(moduleOf({ controllers: [Exposed] }));
    expect(failure).toMatch(/Exposed\.fixed: @ExposeAsTool\(\) is on a static member/);
    expect(failure).toMatch(/Exposed\.Symbol\(route\): @ExposeAsTool\(\) is on a symbol/);
    expect(failure).toMatch(/Exposed\.twice: it has @ExposeAsTool\(\) twice/);
    expect(failure).toMatch(/Exposed\.replaced: a decorator above @ExposeAsTool\(\) replaces the method/);
  });

  it('on a route that overrides an exposed one, unless the base class is a controller too', async () => {
    const failure = await startFailure(moduleOf({ controllers: [OverridingRoute] }));
    expect(failure).toMatch(
      /OverridingRoute\.run: it overrides ExposingBase\.run, which has @ExposeAsTool\(\), but has no @ExposeAsTool\(\) itself\. Repeat the decorator\./,
    );
    @Controller('first')
    class FirstVersion extends ExposingBase {
      @Post()
      @ExposeAsTool({ ...base, name: 'first' })
      override run(): string {
        return '';
      }
    }
    @Controller('second')
    class SecondVersion extends FirstVersion {
      @Post()
      override run(): string {
        return '';
      }
    }
    await started(moduleOf({ controllers: [FirstVersion, SecondVersion] }), (_aerie, { current }) => {
      expect(current.findTool('first')).toBeDefined();
    });
  });

  it('offers a method of a controller that another decorator has replaced before', async () => {
    await started(moduleOf({ controllers: [WrappedRoute] }), (_aerie, { current }) => {
      expect(current.tools.map(({ name }) => name)).toContain('wrapped');
    });
  });

  it('without options', async () => {
    const failure = await startFailure(moduleOf({ providers: [WithoutOptions] }));
    expect(failure).toMatch(/WithoutOptions\.prompt: its name/);
    expect(failure).toMatch(/WithoutOptions\.resource: its name/);
  });

  it('on a property, which has no method', async () => {
    const failure = await startFailure(moduleOf({ providers: [OnProperties] }));
    expect(failure).toMatch(
      /OnProperties\.arrow: @McpTool is on a property\. Put it on a named instance method/,
    );
    expect(failure).toMatch(/OnProperties\.initialized: @McpPrompt is on a property/);
  });

  it('twice on one method', async () => {
    const failure = await startFailure(moduleOf({ providers: [Twice] }));
    expect(failure).toMatch(/Twice\.both: it has @McpTool twice/);
  });

  it('overridden without a decorator', async () => {
    const failure = await startFailure(moduleOf({ providers: [Overriding] }));
    expect(failure).toMatch(/Overriding\.some: it overrides SomeTools\.some, which has @McpTool, but/);
  });

  it('provided by two modules', async () => {
    const failure = await startFailure(
      moduleOf({ providers: [SomeTools] }),
      moduleOf({ providers: [{ provide: 'OTHER', useClass: SomeTools }] }),
    );
    expect(failure).toMatch(
      /SomeTools: it is provided 2 times, by TestModule \(as SomeTools\) and TestModule \(as OTHER\)/,
    );
    expect(failure).not.toMatch(/already used by/);
  });

  it('made by a factory for each request', async () => {
    const failure = await startFailure(
      moduleOf({
        providers: [{ provide: SomeTools, useFactory: () => new SomeTools(), scope: Scope.REQUEST }],
      }),
    );
    expect(failure).toMatch(
      /SomeTools\.some: @McpTool is on a class that a factory creates for each request/,
    );
  });

  it.each([
    ['a factory', { provide: DenyingTools, useFactory: () => new DenyingTools() }],
    ['a value', { provide: 'DENYING', useValue: new DenyingTools() }],
  ])('with a guard that NestJS would skip, because the provider is %s', async (_what, provider) => {
    const failure = await startFailure(moduleOf({ providers: [DenyAll, provider] }));
    expect(failure).toMatch(
      /\.denied: NestJS would skip its guard DenyAll, .* Provide DenyingTools itself or with useClass, or/,
    );
  });

  it('with a list method whose guard NestJS would skip', async () => {
    const providers = [{ provide: DenyingResource, useFactory: () => new DenyingResource() }];
    expect(await startFailure(moduleOf({ providers }))).toMatch(
      /DenyingResource\.read: NestJS would skip its guard DenyAll/,
    );
  });

  it.each([
    ['the class itself', DenyingTools],
    ['useClass', { provide: 'DENYING', useClass: DenyingTools }],
  ])('is offered with its guard through %s', async (_what, provider) => {
    await started(moduleOf({ providers: [provider] }), async (aerie) => {
      const response = await postModern(aerie.url, await aerie.token(), toolCall('denied'));
      expect(await resultText(response)).toBe('Forbidden resource');
    });
  });

  it('in a constructor, with an invalid declaration', async () => {
    const failure = await startFailure(moduleOf({ providers: [FaultyInConstructor] }));
    expect(failure).toMatch(/faulty: its input member "a" has a pattern that clients cannot compile/);
  });

  it('in a constructor, with a duplicate name', async () => {
    @Injectable()
    class Taking {
      constructor(catalog: LiveCatalog) {
        catalog.addTool({ ...base, name: 'some' }, () => 'x');
      }
    }
    const failure = await startFailure(moduleOf({ providers: [Taking, SomeTools] }));
    expect(failure).toMatch(/SomeTools\.some: its tool name "some" is already used/);
  });

  it('causes no warning if another application of the process has provided it', async () => {
    const warningOfProvided = async (...providers: Type[]): Promise<boolean> =>
      (await started(moduleOf({ providers }), (_aerie, catalog) => catalog.warnings)).some((warning) =>
        warning.startsWith('OfAnother: it declares tools'),
      );
    expect(await warningOfProvided(SomeTools)).toBe(true);
    expect(await warningOfProvided(OfAnother)).toBe(false);
    expect(await warningOfProvided(SomeTools)).toBe(false);
  });

  it('causes a warning if it is uncertain', async () => {
    const module = moduleOf({
      providers: [{ provide: 'HIDDEN', useFactory: () => new Hidden(), scope: Scope.REQUEST }],
    });
    const warnings = await started(module, (_aerie, catalog) => catalog.warnings);
    expect(warnings.join('\n')).toMatch(/Hidden: it declares tools.*HIDDEN of TestModule/);
  });

  it.each([
    ['no module provides', []],
    ['a factory makes within a list', [{ provide: 'X', useFactory: () => [new Forgotten()] }]],
    ['a factory makes within a map', [{ provide: 'X', useFactory: () => new Map([['a', new Forgotten()]]) }]],
  ])('is a warning in a class that %s, unless it is left out on purpose', async (_what, providers) => {
    leaveOut(LeftOut);
    const warnings = await started(moduleOf({ providers }), (_aerie, catalog) => catalog.warnings);
    const classes = warnings.flatMap((warning) => /^(\w+): it declares tools/.exec(warning)?.[1] ?? []);
    expect(classes).toContain('Forgotten');
    for (const name of ['LeftOut', 'TodoTools', 'TodoResource', 'GreetingTools']) {
      expect(classes).not.toContain(name);
    }
  });

  it('is a warning in a controller that no module has, unless it is left out on purpose', async () => {
    leaveOut(LeftOutController);
    const warnings = await started(
      moduleOf({ controllers: [WrappedRoute] }),
      (_aerie, catalog) => catalog.warnings,
    );
    const classes = warnings.flatMap((warning) => /^(\w+): it exposes methods/.exec(warning)?.[1] ?? []);
    expect(classes).toContain(ForgottenController.name);
    expect(classes).not.toContain('LeftOutController');
    expect(classes).not.toContain('WrappedRoute');
  });

  it('is a warning in a class whose constructor gets nothing', async () => {
    class Needing {
      constructor(readonly some: SomeTools) {}
      @McpTool({ ...base, name: 'needing' })
      needing(): string {
        return '';
      }
    }
    class Made extends Needing {}
    @Injectable()
    class Injected extends Needing {
      @McpTool({ ...base, name: 'needing' })
      override needing(): string {
        return '';
      }
    }
    const warning = 'has no @Injectable(), so NestJS passes nothing to its constructor. Add it.';
    const warningsFor = (...providers: NonNullable<ModuleMetadata['providers']>) =>
      started(moduleOf({ providers: [SomeTools, ...providers] }), (_aerie, catalog) => catalog.warnings);
    expect(await warningsFor(Needing)).toContain(`Needing ${warning}`);
    const factory = { provide: Made, useFactory: (some: SomeTools) => new Made(some), inject: [SomeTools] };
    expect((await warningsFor(factory)).join()).not.toContain(warning);
    expect((await warningsFor(Injected)).join()).not.toContain(warning);
  });

  it('causes no warning if a subclass is provided', async () => {
    const warnings = await started(
      moduleOf({ providers: [Forgotten] }),
      (_aerie, catalog) => catalog.warnings,
    );
    expect(warnings.join('\n')).not.toMatch(/^(?:Forgotten|SomeTools): it declares/m);
  });
});

describe('what is declared in an unusual place and offered', () => {
  const isOffered = (module: Type, name: string): Promise<boolean> =>
    started(module, (_aerie, catalog) => catalog.current.findTool(name) !== undefined);

  it.each([
    ['a class under another token', moduleOf({ providers: [{ provide: 'X', useClass: SomeTools }] })],
    ['a value', moduleOf({ providers: [{ provide: 'X', useValue: new SomeTools() }] })],
    ['a factory', moduleOf({ providers: [{ provide: 'X', useFactory: () => new SomeTools() }] })],
    [
      'a provider that has an alias and is repeated by a factory',
      moduleOf({
        providers: [
          SomeTools,
          { provide: 'X', useExisting: SomeTools },
          { provide: 'Y', useFactory: (tools: SomeTools) => tools, inject: [SomeTools] },
        ],
      }),
    ],
    [
      'a class made for each request',
      moduleOf({ providers: [{ provide: 'X', useClass: SomeTools, scope: Scope.REQUEST }] }),
    ],
  ])('%s', async (_what, module) => {
    expect(await isOffered(module, 'some')).toBe(true);
  });

  it('an overriding method with its own decorator', async () => {
    expect(await isOffered(moduleOf({ providers: [OverridingWithDecorator] }), 'some_other')).toBe(true);
  });

  it('a tool that is added in a constructor, until it is removed', async () => {
    const module = moduleOf({ providers: [AddedInConstructor] });
    await started(module, (_aerie, catalog) => {
      expect(catalog.current.findTool('added')).toBeDefined();
      expect(catalog.current.findTool('removed')).toBeUndefined();
      expect(catalog.current.findTool('greet_user')).toBeDefined();
    });
  });

  it('a tool until it is removed, once', async () => {
    await started(moduleOf({ providers: [] }), ({ application }, catalog) => {
      const remove = application
        .get(LiveCatalog, { strict: false })
        .addTool({ ...base, name: 'x' }, () => 'x');
      const changed: string[] = [];
      catalog.onChange((list) => changed.push(list));
      remove();
      remove();
      expect(changed).toEqual(['tools']);
    });
  });

  it('a module that is loaded later, with a notification to listeners', async () => {
    @Injectable()
    class Loading {
      constructor(@Inject(LazyModuleLoader) readonly loader: LazyModuleLoader) {}
    }
    const faulty = moduleOf({ controllers: [], providers: [Overriding] });
    await started(moduleOf({ providers: [Loading] }), async ({ application }, catalog) => {
      const changed: string[] = [];
      catalog.onChange((list) => changed.push(list));
      const { loader } = application.get(Loading, { strict: false });
      const late = moduleOf({ providers: [SomeTools] });
      await Promise.all([loader.load(() => late), loader.load(() => moduleOf({ providers: [] }))]);
      await loader.load(() => late);
      expect(catalog.current.findTool('some')).toBeDefined();
      expect(changed).toEqual(['tools']);
      await expect(loader.load(() => faulty)).rejects.toThrow(/Overriding\.some: it overrides/);
    });
  });

  it('a module that is loaded later, although another one was refused or failed', async () => {
    @Injectable()
    class Loading {
      constructor(
        @Inject(LazyModuleLoader) readonly loader: LazyModuleLoader,
        readonly live: LiveCatalog,
      ) {}
    }
    @Injectable()
    class Invalid {
      @McpTool({ ...base, name: 'not a name' })
      invalid(): string {
        return '';
      }
    }
    @Injectable()
    class Failing {
      constructor() {
        throw new Error('no connection');
      }
    }
    await started(moduleOf({ providers: [Loading] }), async ({ application }, catalog) => {
      application.useLogger(false);
      const { loader } = application.get(Loading, { strict: false });
      const shared = moduleOf({ providers: [SomeTools] });
      const invalid = moduleOf({ providers: [Invalid] });
      const both = moduleOf({ imports: [shared, invalid], providers: [Misplaced] });
      await expect(loader.load(() => moduleOf({ imports: [shared, invalid] }))).rejects.toThrow(
        /1 problem .*\n.*Invalid\.invalid/,
      );
      expect(catalog.current.findTool('some')).toBeDefined();
      await expect(loader.load(() => both)).rejects.toThrow(/3 problems.*Invalid\.invalid/s);
      await expect(loader.load(() => moduleOf({ providers: [] }))).resolves.toBeDefined();
      const failing = moduleOf({ providers: [Failing] });
      const other = moduleOf({ providers: [OfAnother] });
      const late = loader.load(() => other);
      await expect(loader.load(() => failing)).rejects.toThrow('no connection');
      await late;
      expect(catalog.current.findTool('of_another')).toBeDefined();
    });
  });

  it('a module that is loaded later with one that has problems, which each load of it reports', async () => {
    @Injectable()
    class Loading {
      constructor(@Inject(LazyModuleLoader) readonly loader: LazyModuleLoader) {}
    }
    await started(moduleOf({ providers: [Loading] }), async ({ application }, catalog) => {
      const { loader } = application.get(Loading, { strict: false });
      const valid = moduleOf({ providers: [SomeTools] });
      const invalid = moduleOf({ imports: [valid], controllers: [], providers: [Misplaced, OfAnother] });
      for (let load = 0; load < 2; load += 1) {
        await expect(loader.load(() => invalid)).rejects.toThrow(/2 problems .*Misplaced\.fixed/s);
        expect(catalog.current.findTool('some')).toBeDefined();
        expect(catalog.current.findTool('of_another')).toBeUndefined();
      }
    });
  });

  it('a module that is loaded later, while another one is still being loaded', async () => {
    @Injectable()
    class Loading {
      constructor(@Inject(LazyModuleLoader) readonly loader: LazyModuleLoader) {}
    }
    await started(moduleOf({ providers: [Loading] }), async ({ application }, catalog) => {
      const { loader } = application.get(Loading, { strict: false });
      let connect = (_address: string): void => undefined;
      const connection = new Promise<string>((resolve) => (connect = resolve));
      const connecting = { provide: 'CONNECTION', useFactory: () => connection };
      @Injectable()
      class Connected {
        constructor(@Inject('CONNECTION') readonly address: string) {}

        @McpTool({ ...base, name: 'connected' })
        connected(): string {
          return this.address;
        }
      }
      const slow = moduleOf({ controllers: [], providers: [connecting, Connected, Overriding] });
      const late = loader.load(() => slow);
      late.catch(() => undefined);
      await new Promise(setImmediate); // the modules exist, without their instances
      await loader.load(() => moduleOf({ providers: [SomeTools] }));
      expect(catalog.current.findTool('some')).toBeDefined();
      expect(catalog.current.findTool('connected')).toBeUndefined();
      connect('db.internal');
      await expect(late).rejects.toThrow(/Overriding\.some: it overrides/);
    });
  });

  it('a module that two concurrent loads import, once it has its instances', async () => {
    @Injectable()
    class Loading {
      constructor(@Inject(LazyModuleLoader) readonly loader: LazyModuleLoader) {}
    }
    await started(moduleOf({ providers: [Loading] }), async (aerie, catalog) => {
      const { loader } = aerie.application.get(Loading, { strict: false });
      let connect = (_address: string): void => undefined;
      const connection = new Promise<string>((resolve) => (connect = resolve));
      @Injectable()
      class Connected {
        constructor(@Inject('CONNECTION') readonly address: string) {}

        @McpTool({ ...base, name: 'connected' })
        connected(): string {
          return this.address;
        }
      }
      const connecting = { provide: 'CONNECTION', useFactory: () => connection };
      const shared = moduleOf({ controllers: [], providers: [connecting, Connected] });
      const [first, second] = [moduleOf({ imports: [shared] }), moduleOf({ imports: [shared] })];
      const late = loader.load(() => first);
      await new Promise(setImmediate);
      await loader.load(() => second);
      expect(catalog.current.findTool('connected')).toBeUndefined();
      connect('db.internal');
      await late;
      const answer = await postModern(aerie.url, await aerie.token(), toolCall('connected'));
      expect(await resultText(answer)).toBe('db.internal');
    });
  });

  it('a module that two concurrent loads import, once its guards have their dependencies', async () => {
    @Injectable()
    class Loading {
      constructor(@Inject(LazyModuleLoader) readonly loader: LazyModuleLoader) {}
    }
    await started(moduleOf({ providers: [Loading] }), async (aerie, catalog) => {
      const { loader } = aerie.application.get(Loading, { strict: false });
      let connect = (_address: string): void => undefined;
      const connection = new Promise<string>((resolve) => (connect = resolve));
      const seen: unknown[] = [];
      @Injectable()
      class Connected implements CanActivate {
        constructor(@Inject('CONNECTION') readonly address: string) {}

        canActivate(): boolean {
          seen.push(this.address);
          return true;
        }
      }
      @UseGuards(Connected)
      @Injectable()
      class Guarded {
        @McpTool({ ...base, name: 'guarded' })
        guarded(): string {
          return 'guarded';
        }
      }
      const connecting = { provide: 'CONNECTION', useFactory: () => connection };
      const database = moduleOf({ providers: [connecting], exports: ['CONNECTION'] });
      const shared = moduleOf({ imports: [database], providers: [Guarded] });
      const [first, second] = [moduleOf({ imports: [shared] }), moduleOf({ imports: [shared] })];
      const late = loader.load(() => first);
      await new Promise(setImmediate);
      await loader.load(() => second);
      expect(catalog.current.findTool('guarded')).toBeUndefined();
      connect('db.internal');
      await late;
      const answer = await postModern(aerie.url, await aerie.token(), toolCall('guarded'));
      expect(await resultText(answer)).toBe('guarded');
      expect(seen).toEqual(['db.internal']);
    });
  });

  it('no tool of a module that is loaded later but refused, also if the endpoint leaves it out', async () => {
    @Injectable()
    class Loading {
      constructor(@Inject(LazyModuleLoader) readonly loader: LazyModuleLoader) {}
    }
    @Injectable()
    class Grouped {
      @McpTool({ ...base, name: 'chosen', group: 'chosen' })
      chosen(): string {
        return 'chosen';
      }
    }
    @Injectable()
    class Refused {
      @McpTool({ ...base, name: 'left_out', group: 'other' })
      leftOut(): string {
        return 'left out';
      }
    }
    const aerie = await startAerie({
      modules: [moduleOf({ providers: [Loading, Grouped] })],
      environment: { TOOL_GROUPS: 'chosen' },
    });
    try {
      const { loader } = aerie.application.get(Loading, { strict: false });
      const refused = moduleOf({ providers: [Refused, Overriding] });
      await expect(loader.load(() => refused)).rejects.toThrow(/Overriding\.some: it overrides/);
      const { names } = aerie.application.get(CatalogService, { strict: false });
      expect([...names.tools]).toContain('chosen');
      expect([...names.tools]).not.toContain('left_out');
    } finally {
      await aerie.close();
    }
  });
});
