import {
  type CanActivate,
  type ClassProvider,
  Controller,
  Get,
  Injectable,
  Logger,
  Module,
  type ModuleMetadata,
  Post,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { AerieModule } from '../src/aerie.module.js';
import type { GuardedRoutes } from '../src/auth/guarded-routes.js';
import { reasonOf } from '../src/logging/refused-response.js';
import {
  ExposeAsTool,
  fromEnvironment,
  McpTool,
  Protect,
  Public,
  RequireOrganization,
  RequirePermissions,
  RequireRoles,
  RequireScopes,
} from '../src/index.js';
import { AerieTest, type TestCaller } from '../src/testing/index.js';
import { Bound } from './support/bound.decorator.js';
import { catalogProblems } from './support/catalog-problems.js';

@Protect()
@RequireScopes('billing:read')
@Controller('invoices')
class InvoicesController {
  @Get()
  list(): string {
    return 'listed';
  }

  @RequireScopes('billing:write')
  @Post()
  create(): string {
    return 'created';
  }

  @RequireScopes('billing:write')
  @Post('refund')
  @ExposeAsTool({ name: 'refund', description: 'Refunds.', scopes: 'authenticated' })
  refund(): string {
    return 'refunded';
  }
}

@Protect('staff')
@RequireScopes('ledger:read')
@Controller('ledger')
class LedgerController {
  @Get()
  show(): string {
    return 'shown';
  }
}

@Protect()
@Controller('account')
class AccountController {
  @RequireRoles('admin')
  @Get('role')
  role(): string {
    return 'role';
  }

  @RequirePermissions('export')
  @Get('permission')
  permission(): string {
    return 'permission';
  }

  @RequireOrganization()
  @Get('organization')
  organization(): string {
    return 'organization';
  }
}

@RequireScopes('report:read')
@Controller('reports')
class ReportsController {
  @Get()
  list(): string {
    return 'listed';
  }

  @Public()
  @Get('summary')
  summary(): string {
    return 'summary';
  }
}

const reasons: (string | undefined)[] = [];

async function start(
  guard: GuardedRoutes,
  controllers: NonNullable<ModuleMetadata['controllers']>,
  further: Readonly<Record<string, string>> = {},
): Promise<AerieTest> {
  return AerieTest.start(async (variables) => {
    const staff = { ...variables, RESOURCE_URL: `${variables['RESOURCE_URL']}/staff` };
    @Module({
      imports: [
        AerieModule.forRoot(fromEnvironment({ ...variables, ...further }), { guard }),
        AerieModule.forRoot(fromEnvironment(staff), { endpoint: 'staff' }),
      ],
      controllers,
    })
    class Root {}
    const application = await NestFactory.create(Root, { logger: false });
    application.use((_request: unknown, response: Parameters<typeof reasonOf>[0], next: () => void) => {
      response.once('finish', () => reasons.push(reasonOf(response)));
      next();
    });
    return application;
  });
}

describe('requirements on the routes of a controller', () => {
  let aerie: AerieTest;
  beforeAll(async () => {
    aerie = await start('mcp', [InvoicesController, AccountController, LedgerController], {
      SCOPE_HIERARCHY: 'billing:write > billing:read',
    });
  });
  beforeEach(() => (reasons.length = 0));
  afterAll(() => aerie.close());

  async function request(
    [method, path]: [string, string],
    caller: TestCaller,
    endpoint?: string,
  ): Promise<Response> {
    const token = await aerie.token(caller, endpoint === undefined ? {} : { endpoint });
    const headers = { authorization: `Bearer ${token}` };
    return aerie.fetch(new URL(path, aerie.url), { method, headers });
  }

  it('refuse a token without a scope, with a challenge that names all that the route needs', async () => {
    const response = await request(['POST', '/invoices'], { scopes: ['billing:read'] });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="mcp", error="insufficient_scope", error_description="[^"]+", scope="billing:read billing:write", resource_metadata="/,
    );
    await expect(response.json()).resolves.toMatchObject({ error: 'insufficient_scope' });
    expect(reasons.at(-1)).toBe('insufficient_scope');
  });

  it.each<[string, string, readonly string[]]>([
    ['GET', '/invoices', ['billing:read']],
    ['GET', '/invoices', ['billing:write']],
    ['POST', '/invoices', ['billing:write']],
  ])('admit %s %s with the scopes %j', async (method, path, scopes) => {
    expect((await request([method, path], { scopes })).ok).toBe(true);
  });

  it('still require a token', async () => {
    const response = await aerie.fetch(new URL('/invoices', aerie.url));
    expect(response.status).toBe(401);
  });

  it('refuse with the challenge of the endpoint whose token the route needs', async () => {
    const refused = await request(['GET', '/ledger'], {}, 'staff');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toMatch(
      /scope="ledger:read", resource_metadata="[^"]+\/staff"/,
    );
    expect((await request(['GET', '/ledger'], { scopes: ['ledger:read'] }, 'staff')).ok).toBe(true);
  });

  it.each<[string, TestCaller]>([
    ['role', { roles: ['admin'] }],
    ['permission', { permissions: ['export'] }],
    ['organization', { organization: 'acme' }],
  ])('refuse a caller without the %s, and ask for no other token', async (what, caller) => {
    const refused = await request(['GET', `/account/${what}`], {});
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toBeNull();
    await expect(refused.json()).resolves.toEqual({
      error: 'forbidden',
      error_description: expect.stringContaining(what) as unknown,
    });
    expect(reasons.at(-1)).toBe('forbidden');
    const admitted = await request(['GET', `/account/${what}`], caller);
    await expect(admitted.text()).resolves.toBe(what);
  });

  it('apply to a tool of the method too', async () => {
    await expect(aerie.as({ scopes: ['billing:read'] }).callTool('refund')).rejects.toMatchObject({
      scopes: expect.arrayContaining(['billing:write']) as unknown,
    });
    const result = await aerie.as({ scopes: ['billing:write'] }).callTool('refund');
    expect(result.text).toBe('refunded');
  });
});

it('applies requirements to routes that the global guard covers, and not to public ones', async () => {
  const aerie = await start('global', [ReportsController]);
  const headers = { authorization: `Bearer ${await aerie.token({})}` };
  expect((await aerie.fetch(new URL('/reports', aerie.url), { headers })).status).toBe(403);
  const summary = await aerie.fetch(new URL('/reports/summary', aerie.url));
  await expect(summary.text()).resolves.toBe('summary');
  await aerie.close();
});

describe('requirements that no guard enforces', () => {
  @RequireScopes('report:read')
  @Controller('open')
  class OpenController {
    @Get()
    list(): string {
      return 'listed';
    }

    @Protect()
    @Get('closed')
    closed(): string {
      return 'closed';
    }
  }

  @Controller('members')
  class MembersController {
    @RequireRoles('admin')
    @Get()
    list(): string {
      return 'listed';
    }
  }

  @Protect()
  @RequireScopes()
  @Controller('empty')
  class EmptyController {
    @Get()
    list(): string {
      return 'listed';
    }
  }

  /** Its own guards protect the routes; the tools need the scope. */
  @RequireScopes('report:read')
  @Controller('offered')
  class OfferedController {
    @Get()
    @ExposeAsTool({ name: 'offered', description: 'Offers.', scopes: 'authenticated' })
    list(): string {
      return 'listed';
    }
  }

  @Injectable()
  class Helpers {
    @RequireScopes('report:read')
    help(): string {
      return 'helped';
    }
  }

  @RequireScopes('report:read')
  @Injectable()
  class Reports {
    all(): string {
      return 'all';
    }
  }

  /** Another class injects it, so it is a provider too. */
  @Protect()
  @RequireScopes('report:read')
  @Controller('injected')
  class InjectedController {
    @RequireScopes('report:write')
    @Get()
    list(): string {
      return 'listed';
    }
  }

  /** Its exposed method is exempt, but its other route is open. */
  @RequireRoles('admin')
  @Controller('payouts')
  class PayoutsController {
    @Get()
    @ExposeAsTool({ name: 'payouts', description: 'Lists payouts.', scopes: 'authenticated' })
    list(): string {
      return 'listed';
    }

    @Post('run')
    run(): string {
      return 'run';
    }

    @Protect()
    @Post('check')
    check(): string {
      return 'checked';
    }

    @Public()
    @Get('rates')
    rates(): string {
      return 'rates';
    }
  }

  /** Adds the metadata of `@EventPattern()`. */
  const OnMessage = (): MethodDecorator => SetMetadata('microservices:pattern', ['paid']);

  @Protect()
  @RequireRoles('admin')
  @Controller('messages')
  class MessagesController {
    @Get()
    list(): string {
      return 'listed';
    }

    @OnMessage()
    paid(): string {
      return 'paid';
    }
  }

  it('stop the start', async () => {
    Logger.overrideLogger(false);
    const provider: ClassProvider = { provide: Helpers, useClass: Helpers };
    const problems = await catalogProblems({
      controllers: [
        OpenController,
        MembersController,
        EmptyController,
        OfferedController,
        InjectedController,
        PayoutsController,
        MessagesController,
      ],
      providers: [provider, Reports, InjectedController],
    });
    expect(problems).toEqual([
      'OpenController: its @RequireScopes() or the like has no effect on list, because no guard of Aerie covers it. Add @Protect() at the top, or remove the decorator. See docs/authorization.md.',
      'MembersController.list: its @RequireScopes() or the like has no effect, because no guard of Aerie covers it. Add @Protect() at the top, or remove the decorator. See docs/authorization.md.',
      "EmptyController: its scopes is empty. Name a scope, or write scopes: 'authenticated'.",
      'PayoutsController: its @RequireScopes() or the like has no effect on run, because no guard of Aerie covers it. Add @Protect() at the top of it, or move the decorator to the methods with @ExposeAsTool(). See docs/authorization.md.',
      'MessagesController.paid: its @RequireScopes() or the like has no effect, because no guard of Aerie covers message handlers. Move the handler to a controller without the decorator.',
      'Helpers.help: its @RequireScopes() or the like has no effect, because it offers nothing. Remove it.',
      'Reports: its @RequireScopes() or the like has no effect, because it offers nothing. Remove it.',
    ]);
  });
});

describe('requirements of a controller whose instances have another constructor', () => {
  @Protect()
  @RequireRoles('admin')
  @Controller('traced')
  @(<Target extends object>(target: Target): Target => new Proxy(target, {}))
  class TracedController {
    @Get()
    list(): string {
      return 'listed';
    }
  }

  @(<Target extends object>(target: Target): Target => new Proxy(target, {}))
  @RequireRoles('admin')
  class TracedBase {}

  @Protect()
  @Controller('derived')
  class DerivedController extends TracedBase {
    @Get()
    list(): string {
      return 'listed';
    }
  }

  class Paging {
    firstPage(): number {
      return 1;
    }
  }

  @Protect()
  @Controller('mixed')
  class MixedController {
    @Get()
    list(): string {
      return 'listed';
    }
  }
  // Mixin helpers such as the one of the TypeScript handbook copy it.
  Object.defineProperty(MixedController.prototype, 'constructor', { value: Paging });

  it.each([TracedController, DerivedController, MixedController])('stop the start with %p', async (type) => {
    expect(await catalogProblems({ controllers: [type] })).toEqual([
      `${type.name}: no guard enforces its @RequireScopes() or the like or @Protect(), because a class decorator or mixin replaced the constructor. Move the decorator to each route.`,
    ]);
  });
});

describe('requirements that their member loses', () => {
  const Logged: MethodDecorator = (_prototype, _name, descriptor) => {
    const method: unknown = descriptor.value;
    if (typeof method !== 'function') return;
    const logged: unknown = function (this: unknown, ...inputs: unknown[]): unknown {
      return method.apply(this, inputs);
    };
    Object.assign(descriptor, { value: logged });
  };

  @Protect()
  @Controller('lost')
  class LostController {
    @Get()
    @Logged
    @RequireRoles('admin')
    list(): string {
      return 'listed';
    }

    @Get('partly')
    @RequireScopes('report:read')
    @Logged
    @RequirePermissions('export')
    partly(): string {
      return 'partly';
    }

    @Get('kept')
    @RequireRoles('auditor')
    @RequireRoles('admin')
    @Logged
    kept(): string {
      return 'kept';
    }

    @RequireOrganization()
    get total(): number {
      return 1;
    }

    @Bound
    @RequireRoles('admin')
    @Get('below')
    below(): string {
      return 'below';
    }

    @RequireScopes('report:read')
    @Bound
    @Get('above')
    above(): string {
      return 'above';
    }
  }

  @Controller('opened')
  class OpenedController {
    @Get()
    @Logged
    @Protect()
    list(): string {
      return 'listed';
    }

    @Protect('staff')
    @Get('kept')
    @Logged
    kept(): string {
      return 'kept';
    }

    @Bound
    @Protect()
    @Get('bound')
    bound(): string {
      return 'bound';
    }
  }

  @Injectable()
  class LostTools {
    @McpTool({ name: 'lost', description: 'Loses its role.', scopes: 'authenticated' })
    @Logged
    @RequireRoles('admin')
    lost(): string {
      return 'lost';
    }

    @RequireScopes('report:read')
    static every(): string {
      return 'every';
    }
  }

  @Injectable()
  class DerivedTools extends LostTools {}

  const replaced = (place: string, decorator: string): string =>
    `${place}: a decorator above ${decorator}, or of the class, replaces the method, so ${decorator} has no effect. Move ${decorator} to the top, or remove the other decorator.`;

  const bound = (place: string, decorator: string): string =>
    `${place}: another decorator replaces the method with a getter, so ${decorator} has no effect. Remove the other decorator.`;

  it('stop the start', async () => {
    const problems = await catalogProblems({
      controllers: [LostController],
      providers: [{ provide: 'TOOLS', useFactory: () => new DerivedTools() }],
    });
    expect(problems).toEqual([
      replaced('LostController.list', '@RequireRoles()'),
      replaced('LostController.partly', '@RequirePermissions()'),
      'LostController.total: @RequireOrganization() is on a property. Put it on a named instance method.',
      bound('LostController.below', '@RequireRoles()'),
      bound('LostController.above', '@RequireScopes()'),
      replaced('LostTools.lost', '@RequireRoles()'),
      'LostTools.every: @RequireScopes() is on a static member. Put it on a named instance method.',
    ]);
  });

  it('stop the start if @Protect() is lost, which would leave the route open', async () => {
    expect(await catalogProblems({ controllers: [OpenedController] })).toEqual([
      replaced('OpenedController.list', '@Protect()'),
      bound('OpenedController.bound', '@Protect()'),
    ]);
  });

  @Protect()
  @Controller('unrouted')
  class UnroutedController {
    @RequireScopes('report:read')
    @Logged
    @Get()
    list(): string {
      return 'listed';
    }
  }

  @Protect()
  @RequireScopes('report:read')
  @Controller('unrouted')
  class EmptiedController {
    @Logged
    @Get()
    list(): string {
      return 'listed';
    }
  }

  it('stop the start if the member loses its route', async () => {
    const remedy =
      'If a decorator above @Get() or the like replaces the method, the route is lost: put that decorator closest to the method. Otherwise, remove @RequireScopes() or the like.';
    expect(await catalogProblems({ controllers: [UnroutedController, EmptiedController] })).toEqual([
      `UnroutedController.list: its @RequireScopes() or the like has no effect, because the method has no route. ${remedy}`,
      `EmptiedController: its @RequireScopes() or the like has no effect, because the controller has no route. ${remedy}`,
    ]);
  });

  it('let the application start if a derived class replaces the member', async () => {
    @Injectable()
    class ReplacedTools {
      @Logged
      @RequireRoles('admin')
      lost(): string {
        return 'lost';
      }
    }

    @Injectable()
    class NearerTools extends ReplacedTools {
      @RequireRoles('auditor')
      @McpTool({ name: 'found', description: 'Has its role.', scopes: 'authenticated' })
      override lost(): string {
        return 'found';
      }
    }
    const aerie = await AerieTest.create({ providers: [NearerTools] }).compile();
    const refused = await aerie.as({ roles: ['admin'] }).callTool('found');
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('auditor') as unknown });
    await expect(aerie.as({ roles: ['auditor'] }).callTool('found')).resolves.toMatchObject({
      text: 'found',
    });
    await aerie.close();
  });
});

describe('requirements of a method that a derived class overrides', () => {
  class GuardingBase {
    @Get()
    @Protect()
    list(): string {
      return 'listed';
    }

    @Get('roles')
    @RequireRoles('admin')
    @Protect()
    roles(): string {
      return 'roles';
    }

    @Get('opened')
    @Protect()
    opened(): string {
      return 'opened';
    }

    @Get('own')
    @Protect()
    own(): string {
      return 'own';
    }
  }

  @Controller('overriding')
  class OverridingController extends GuardingBase {
    @Get()
    override list(): string {
      return super.list();
    }

    @Public()
    @Get('opened')
    override opened(): string {
      return super.opened();
    }

    @Protect('staff')
    @Get('own')
    override own(): string {
      return super.own();
    }
  }

  @Controller('inheriting')
  class InheritingController extends OverridingController {
    @Get('opened')
    override opened(): string {
      return 'still open';
    }
  }

  @Protect()
  @Controller('closed')
  class ClosedController extends GuardingBase {
    @Get()
    override list(): string {
      return super.list();
    }

    @Get('roles')
    override roles(): string {
      return super.roles();
    }
  }

  @Injectable()
  class AllowAll implements CanActivate {
    canActivate(): boolean {
      return true;
    }
  }

  class RefundBase {
    @RequireRoles('admin')
    @UseGuards(AllowAll)
    @McpTool({ name: 'refund_base', description: 'Refunds.', scopes: 'authenticated' })
    refund(): string {
      return 'refunded';
    }
  }

  @Injectable()
  class RefundTools extends RefundBase {
    @McpTool({ name: 'refund', description: 'Refunds.', scopes: 'authenticated' })
    override refund(): string {
      return super.refund();
    }
  }

  @Injectable()
  class BareTools extends RefundBase {
    override refund(): string {
      return super.refund();
    }
  }

  it('stop the start if the override has no access decorator', async () => {
    const problems = await catalogProblems({
      controllers: [OverridingController, InheritingController, ClosedController],
      providers: [RefundTools],
    });
    expect(problems).toEqual([
      'OverridingController.list: it overrides GuardingBase.list, which has @Protect(), but has no access decorator itself. Repeat the decorator, or add @Public() to open the route.',
      'ClosedController.roles: it overrides GuardingBase.roles, which has @RequireRoles() and @Protect(), but has no access decorator itself. Repeat the decorators, or add @Public() to open the route.',
      'RefundTools.refund: it overrides RefundBase.refund, which has @RequireRoles() and @UseGuards(), but has no access decorator itself. Repeat the decorators, or add @Public() to offer it without.',
    ]);
  });

  it('are named if the override does not offer the method', async () => {
    expect(await catalogProblems({ providers: [BareTools] })).toEqual([
      'BareTools.refund: it overrides RefundBase.refund, which has @McpTool, @RequireRoles() and @UseGuards(), but has no @McpTool itself. Repeat the decorators.',
    ]);
  });
});

it('reports a malformed requirement of a route', async () => {
  const malformed: object = { anyOf: undefined };

  @Protect()
  @Controller('malformed')
  class MalformedController {
    @RequireRoles(malformed as { anyOf: [] })
    @Get()
    list(): string {
      return 'listed';
    }
  }
  expect(await catalogProblems({ controllers: [MalformedController] })).toEqual([
    expect.stringMatching(/^MalformedController\.list: /),
  ]);
});

it('reports names of a requirement that are no strings', async () => {
  const SCOPES: Readonly<Record<string, string>> = {};
  const several: unknown = [{ anyOf: ['admin'] }, { anyOf: ['auditor'] }];

  @Protect()
  @Controller('misspelled')
  class MisspelledController {
    @RequireScopes('billing:read', SCOPES['refund'] as string)
    @Get()
    list(): string {
      return 'listed';
    }

    @RequireRoles(...(several as string[]))
    @Get('several')
    several(): string {
      return 'several';
    }
  }
  expect(await catalogProblems({ controllers: [MisspelledController] })).toEqual([
    "MisspelledController.list: its scopes must be a list such as ['order:read'], { anyOf: [...] } or 'authenticated', not [ 'billing:read', undefined ].",
    "MisspelledController.several: its roles must be a list such as ['admin'], or { anyOf: [...] }, not [ { anyOf: [Array] }, { anyOf: [Array] } ].",
  ]);
});

it('accepts requirements of a base class that protect only some of its subclasses', async () => {
  @RequireScopes('billing:read')
  @Injectable()
  class BillingBase {}

  @Injectable()
  class InvoiceTools extends BillingBase {
    @McpTool({ name: 'invoices', description: 'Lists invoices.', scopes: 'authenticated' })
    list(): string {
      return 'listed';
    }
  }

  @Injectable()
  class InvoiceStore extends BillingBase {}

  for (const further of [InvoiceStore, BillingBase]) {
    const aerie = await AerieTest.create({ providers: [InvoiceTools, further] }).compile();
    await expect(aerie.as({}).callTool('invoices')).rejects.toMatchObject({ scopes: ['billing:read'] });
    await aerie.close();
  }
});
