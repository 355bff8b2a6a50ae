import {
  type CanActivate,
  Controller,
  forwardRef,
  Get,
  Inject,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type ModuleMetadata,
  type NestMiddleware,
  Optional,
  Scope,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD, INQUIRER, REQUEST } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';

import { McpTool, Organization, Principal, Tenant } from '../src/mcp/index.js';
import { startAerie } from './support/aerie.js';

/** Problem lines of the startup error. */
async function problemsOf(metadata: ModuleMetadata): Promise<string[]> {
  @Module(metadata)
  class TestModule {}
  try {
    await (await startAerie({ modules: [TestModule] })).close();
  } catch (error) {
    const [summary, ...problems] = (error instanceof Error ? error.message : String(error)).split('\n');
    expect(summary).toBe(
      `Aerie cannot start: ${problems.length} problem${problems.length === 1 ? '' : 's'} in the declarations.`,
    );
    return problems.map((problem) => problem.trim());
  }
  return [];
}

const PerOrganization = (): ClassDecorator => Injectable({ scope: Scope.REQUEST, durable: true });
const durable = { scope: Scope.REQUEST, durable: true } as const;

@Injectable()
class Formatter {
  constructor(readonly principal: Principal) {}
}

@Injectable({ scope: Scope.TRANSIENT })
class Label {
  constructor(readonly formatter: Formatter) {}
}

@Injectable({ scope: Scope.REQUEST })
class Scratch {}

@PerOrganization()
class Cache {}

describe('startup fails if a durable provider injects', () => {
  @PerOrganization()
  class Direct {
    constructor(readonly principal: Principal) {}
  }

  @PerOrganization()
  class ByProperty {
    @Inject() readonly organization!: Organization;
  }

  @PerOrganization()
  class RawRequest {
    constructor(@Inject(REQUEST) readonly request: Request) {}
  }

  @PerOrganization()
  class ReportCache {
    constructor(readonly formatter: Formatter) {}
  }

  @PerOrganization()
  class Deep {
    constructor(
      readonly tenant: Tenant,
      readonly cache: Cache,
      readonly label: Label,
    ) {}
  }

  @PerOrganization()
  class Scoped {
    constructor(@Optional() readonly scratch: Scratch) {}
  }

  @PerOrganization()
  class Aliased {
    constructor(@Inject('alias') readonly formatter: Formatter) {}
  }

  @PerOrganization()
  class Asker {
    constructor(@Inject(INQUIRER) readonly inquirer: object) {}
  }

  /** Shared by the organization without a mark. */
  @Injectable()
  class UnmarkedAsker {
    constructor(
      readonly cache: Cache,
      @Inject(INQUIRER) readonly inquirer: object,
    ) {}
  }

  @PerOrganization()
  class There {
    constructor(@Inject(forwardRef(() => Back)) readonly back: unknown) {}
  }

  @Injectable()
  class Back {
    constructor(
      @Inject(forwardRef(() => There)) readonly there: unknown,
      readonly formatter: Formatter,
    ) {}
  }

  @Injectable()
  class Everywhere {
    constructor(readonly cache: Cache) {}
  }

  @PerOrganization()
  class GuardOfAll implements CanActivate {
    constructor(readonly formatter: Formatter) {}

    canActivate(): boolean {
      return true;
    }
  }

  @Injectable()
  class GuardedTools {
    @McpTool({ name: 'guarded', scopes: 'authenticated', description: 'Guarded.' })
    @UseGuards(GuardOfAll)
    guarded(): string {
      return '';
    }
  }

  it.each<[string, string, ModuleMetadata['providers']]>([
    ['Principal', 'Direct → Principal', [Direct]],
    ['Organization, into a property', 'ByProperty → Organization', [ByProperty]],
    ['the raw request', 'RawRequest → REQUEST', [RawRequest]],
    ['what injects a person', 'ReportCache → Formatter → Principal', [ReportCache, Formatter]],
    [
      'a person over something transient',
      'Deep → Label → Formatter → Principal',
      [Deep, Cache, Label, Formatter],
    ],
    ['an optional request-scoped provider', 'Scoped → Scratch', [Scoped, Scratch]],
    [
      'an alias of what injects a person',
      'Aliased → Formatter → Principal',
      [Aliased, Formatter, { provide: 'alias', useExisting: Formatter }],
    ],
    ['a person over a circle', 'There → Back → Formatter → Principal', [There, Back, Formatter]],
    ['a person, being a guard', 'GuardOfAll → Formatter → Principal', [GuardedTools, Formatter]],
    [
      'a person, being a factory',
      'factory → Formatter → Principal',
      [Formatter, { provide: 'factory', ...durable, inject: [Formatter], useFactory: () => ({}) }],
    ],
    [
      'the request, being a factory under a symbol',
      'held → REQUEST',
      [{ provide: Symbol('held'), ...durable, inject: [REQUEST], useFactory: () => ({}) }],
    ],
    [
      'a person, being a class under another name',
      'Direct → Principal',
      [{ provide: 'other', useClass: Direct }],
    ],
  ])('%s', async (_what, path, providers) => {
    expect(await problemsOf({ providers: providers ?? [] })).toEqual([
      `${path.split(' ')[0]}: all callers of an organization share it, but it injects a request-scoped provider: ` +
        `${path}. Inject Tenant for the organization's id, and pass data of the caller to its methods.`,
    ]);
  });

  it('INQUIRER, directly or shared without a mark', async () => {
    const keeps =
      'all callers of an organization share it, but it injects INQUIRER, which would stay the first inquirer. Remove INQUIRER.';
    expect(await problemsOf({ providers: [Asker, UnmarkedAsker, Cache] })).toEqual([
      `Asker: ${keeps}`,
      `UnmarkedAsker: ${keeps}`,
    ]);
  });

  it('any of these, with all problems at once', async () => {
    const problems = await problemsOf({
      providers: [Direct, ByProperty, ReportCache, Formatter, Everywhere, Cache],
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['Direct', 'ByProperty', 'ReportCache']);
  });
});

describe('startup fails if', () => {
  @Injectable({ durable: true })
  class Halfhearted {}

  @Injectable()
  class Shared {
    constructor(readonly cache: Cache) {}
  }

  @Controller('cached')
  class CachedController {
    constructor(readonly shared: Shared) {}

    @Get()
    get(): string {
      return '';
    }
  }

  @Controller({ path: 'durable', ...durable })
  class DurableController {}

  @Injectable()
  class CachedGuard implements CanActivate {
    constructor(readonly cache: Cache) {}

    canActivate(): boolean {
      return true;
    }
  }

  @Injectable()
  class CachedMiddleware implements NestMiddleware {
    constructor(readonly cache: Cache) {}

    use(_request: Request, _response: Response, next: NextFunction): void {
      next();
    }
  }

  @Module({ providers: [Cache] })
  class MiddlewareModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(CachedMiddleware).forRoutes('{*path}');
    }
  }

  it('a provider is durable but not request-scoped, so that all organizations would share it', async () => {
    const factory = { provide: 'factory', durable: true, useFactory: () => ({}) };
    expect(await problemsOf({ providers: [Halfhearted, factory] })).toEqual(
      ['Halfhearted', 'factory'].map(
        (name) =>
          `${name}: it is marked durable but not request-scoped, so all organizations would share it. ` +
          'Write { scope: Scope.REQUEST, durable: true }.',
      ),
    );
  });

  it('an HTTP route depends on a durable provider', async () => {
    expect(
      await problemsOf({ controllers: [CachedController, DurableController], providers: [Shared, Cache] }),
    ).toEqual([
      expect.stringMatching(/^CachedController: .*, but CachedController → Shared → Cache exists once per/),
      expect.stringMatching(/^DurableController: .*, but DurableController exists once per/),
    ]);
  });

  it('a global guard depends on one', async () => {
    const problems = await problemsOf({
      providers: [Cache, { provide: APP_GUARD, scope: Scope.REQUEST, useClass: CachedGuard }],
    });
    expect(problems).toContainEqual(expect.stringMatching(/^McpController: .* → Cache exists once per/));
  });

  it('a middleware depends on one', async () => {
    expect(await problemsOf({ imports: [MiddlewareModule] })).toEqual([
      expect.stringMatching(/^CachedMiddleware: .*, but CachedMiddleware → Cache exists once per/),
    ]);
  });
});
