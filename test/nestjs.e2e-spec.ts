import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  Module,
  type NestInterceptor,
  type PipeTransform,
  Scope,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, Reflector, REQUEST } from '@nestjs/core';
import type { Request } from 'express';
import { map, type Observable } from 'rxjs';
import { z } from 'zod';

import { Public } from '../src/auth/public.decorator.js';
import { type CallContext, McpTool, Principal, ToolError } from '../src/mcp/index.js';
import { McpController } from '../src/mcp/streamable-http/mcp.controller.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, message, post, postModern, resultText, toolCall } from './support/rpc.js';

const Needs = (role: string): MethodDecorator => SetMetadata('role', role);

@Injectable()
class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly principal: Principal,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    return this.principal.roles.includes(this.reflector.get<string>('role', context.getHandler()));
  }
}

@Injectable()
class Shout implements NestInterceptor<string, string> {
  intercept(_context: ExecutionContext, next: CallHandler<string>): Observable<string> {
    return next.handle().pipe(map((text) => `${text.toUpperCase()}!`));
  }
}

@Injectable()
class Trim implements PipeTransform {
  transform(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || !('text' in value)) return value;
    return { ...value, text: String(value.text).trim() };
  }
}

class Teapot extends Error {}

@Catch(Teapot)
class TeapotFilter implements ExceptionFilter {
  catch(_error: Teapot, host: ArgumentsHost): string {
    return `short and stout, ${host.getType()}`;
  }
}

/** Errors that the reporting filter received. */
const reported: unknown[] = [];

@Catch()
class ReportingFilter implements ExceptionFilter {
  async catch(failure: unknown): Promise<void> {
    reported.push(await Promise.resolve(failure));
  }
}

@Injectable()
class RefuseAll implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Catch()
class NullFilter implements ExceptionFilter {
  catch(failure: unknown): null {
    reported.push(failure);
    return null;
  }
}

@Injectable()
@UseFilters(ReportingFilter)
class ReportedTools {
  @McpTool({ name: 'reported', scopes: 'authenticated', description: 'Fails.' })
  reported(): string {
    throw new ToolError('Try again tomorrow.');
  }

  @McpTool({ name: 'reported_refusal', scopes: 'authenticated', description: 'Is refused.' })
  @UseGuards(RefuseAll)
  refused(): string {
    return 'reached';
  }

  @McpTool({ name: 'refusal_with_null', scopes: 'authenticated', description: 'Is refused.' })
  @UseGuards(RefuseAll)
  @UseFilters(NullFilter)
  refusedWithNull(): string {
    return 'reached';
  }

  @McpTool({ name: 'reported_question', scopes: 'authenticated', description: 'Asks.' })
  async asks(_input: object, context: CallContext): Promise<string> {
    return (await context.elicit({ message: 'Sure?', schema: z.object({ sure: z.boolean() }) })).action;
  }
}

const text = z.object({ text: z.string() });

@Injectable()
class EnhancedTools {
  @McpTool({ name: 'plain', scopes: 'authenticated', description: 'Without anything.', input: text })
  plain({ text: value }: { text: string }): string {
    return value;
  }

  @McpTool({ name: 'shouted', scopes: 'authenticated', description: 'With an interceptor.', input: text })
  @UseInterceptors(Shout)
  shouted({ text: value }: { text: string }): string {
    return value;
  }

  @McpTool({ name: 'trimmed', scopes: 'authenticated', description: 'With a pipe.', input: text })
  @UsePipes(Trim)
  trimmed({ text: value }: { text: string }): string {
    return `<${value}>`;
  }

  @McpTool({ name: 'teapot', scopes: 'authenticated', description: 'With a filter.' })
  @UseFilters(TeapotFilter)
  teapot(): string {
    throw new Teapot();
  }
}

@Injectable()
@UseGuards(RoleGuard)
class GuardedTools {
  constructor(
    private readonly principal: Principal,
    @Inject(REQUEST) private readonly request: Request,
  ) {}

  @McpTool({ name: 'guarded', scopes: 'authenticated', description: 'With a guard that injects the caller.' })
  @Needs('admin')
  guarded(): string {
    return `${this.principal.subject} ${this.request.method} ${this.request.headers['x-test']?.toString()}`;
  }
}

/** Value that a guard for HTTP routes reads. */
@Injectable()
class HttpGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request & { user?: unknown }>();
    return request.user === undefined && request.headers['x-test'] === 'yes';
  }
}

@Injectable()
class HttpGuardedTools {
  @McpTool({
    name: 'http_guarded',
    scopes: 'authenticated',
    description: 'A guard for HTTP.',
    input: z.looseObject({}),
  })
  @UseGuards(HttpGuard)
  guarded(): string {
    return 'passed';
  }
}

@Injectable({ scope: Scope.REQUEST })
class FirstTools {
  @McpTool({
    name: 'first',
    scopes: 'authenticated',
    description: 'Under a token that another module uses too.',
  })
  first(): string {
    return this.constructor.name;
  }
}

@Injectable({ scope: Scope.REQUEST })
class SecondTools {
  @McpTool({
    name: 'second',
    scopes: 'authenticated',
    description: 'Under a token that another module uses too.',
  })
  second(): string {
    return this.constructor.name;
  }
}

@Module({ providers: [{ provide: 'TOOLS', useClass: FirstTools }] })
class FirstModule {}

@Module({ providers: [{ provide: 'TOOLS', useClass: SecondTools }] })
class SecondModule {}

let globalInterceptions = 0;

@Injectable()
class CountEverything implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    globalInterceptions++;
    return next.handle();
  }
}

@Controller('private')
class PrivateController {
  @Get()
  get(): string {
    return 'private';
  }

  @Get('open')
  @Public()
  open(): string {
    return 'open';
  }
}

@Module({
  controllers: [PrivateController],
  imports: [FirstModule, SecondModule],
  providers: [
    EnhancedTools,
    GuardedTools,
    HttpGuardedTools,
    ReportedTools,
    { provide: APP_INTERCEPTOR, useClass: CountEverything },
  ],
})
class TestTools {}

describe('NestJS around a tool', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [TestTools] });
  });
  afterAll(() => aerie.close());

  describe.each(ERAS)('in the era of %s', (_era, send) => {
    const call = async (user: string, name: string, args: object = {}): Promise<string> =>
      resultText(
        await send(aerie.url, await aerie.token({ user }), toolCall(name, args), { 'x-test': 'yes' }),
      );

    it.each([
      ['an interceptor', 'shouted', { text: 'hey' }, 'HEY!'],
      ['a pipe', 'trimmed', { text: '  x ' }, '<x>'],
      ['a filter', 'teapot', {}, 'short and stout, mcp'],
      ['nothing', 'plain', { text: 'x' }, 'x'],
    ])('%s applies', async (_what, name, args, expected) => {
      expect(await call('alice', name, args)).toBe(expected);
    });

    it.each([
      ['reported', 'Try again tomorrow.'],
      ['reported_refusal', 'Forbidden resource'],
      ['refusal_with_null', 'Forbidden resource'],
    ])('reports the failure of %s after a filter that returns nothing', async (name, expected) => {
      reported.length = 0;
      const before = aerie.logs.length;
      const body = await (await send(aerie.url, await aerie.token(), toolCall(name))).text();
      expect(body).toContain('"isError":true');
      expect(body).toContain(expected);
      expect(reported).toHaveLength(1);
      expect(aerie.logs.slice(before).join('')).not.toContain('ExceptionsHandler');
    });

    it('applies a request-scoped guard, and gives the tool the HTTP request', async () => {
      expect(await call('alice', 'guarded')).toMatch(/^usr_\d+ POST yes$/);
      expect(await call('bob', 'guarded')).toBe('Forbidden resource');
    });

    it('gives an HTTP guard the request, not the caller’s input', async () => {
      expect(await call('alice', 'http_guarded', { user: { role: 'admin' }, headers: {} })).toBe('passed');
    });

    it('runs a tool on its own class, whatever its injection token', async () => {
      expect(await call('alice', 'first')).toBe('FirstTools');
      expect(await call('alice', 'second')).toBe('SecondTools');
    });

    it('keeps two parallel callers apart in a guard', async () => {
      const users = Array.from({ length: 200 }, (_, index) => (index % 2 ? 'alice' : 'bob'));
      const answers = await Promise.all(users.map((user) => call(user, 'guarded')));
      expect(answers.filter((answer) => answer === 'Forbidden resource')).toHaveLength(100);
    });
  });

  it('shows a filter no question to the user', async () => {
    reported.length = 0;
    const _meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
    const { method, params } = toolCall('reported_question');
    const request = { method, params: { ...params, _meta } };
    const response = await postModern(aerie.url, await aerie.token(), request);
    expect(await response.text()).toContain('input_required');
    expect(reported).toEqual([]);
  });

  it('runs a global interceptor once per request, not again for the tool', async () => {
    globalInterceptions = 0;
    await post(aerie.url, await aerie.token(), message(toolCall('shouted', { text: 'x' })));
    expect(globalInterceptions).toBe(1);
  });

  it('requires a token on an ordinary route unless it is marked @Public()', async () => {
    expect((await fetch(`${aerie.origin}/private`)).status).toBe(401);
    expect((await fetch(`${aerie.origin}/private/open`)).status).toBe(200);
    const authorization = `Bearer ${await aerie.token()}`;
    expect((await fetch(`${aerie.origin}/private`, { headers: { authorization } })).status).toBe(200);
  });
});

describe('the application’s own global guard', () => {
  @Injectable()
  class DenyAll implements CanActivate {
    canActivate(): boolean {
      return false;
    }
  }

  @Module({ providers: [{ provide: APP_GUARD, useClass: DenyAll }] })
  class DenyingModule {}

  it.each(ERAS)('also protects the endpoint, in the era of %s', async (_era, send) => {
    const aerie = await startAerie({ modules: [DenyingModule] });
    try {
      const response = await send(aerie.url, await aerie.token(), toolCall('greet_user', { name: 'Saif' }));
      expect(response.status).toBe(403);
      expect(await response.text()).not.toContain('Hi Saif');
    } finally {
      await aerie.close();
    }
  });
});

describe('the endpoint marked @Public()', () => {
  it('requires a token all the same', async () => {
    Public()(McpController);
    const aerie = await startAerie();
    try {
      expect((await fetch(aerie.url, { method: 'POST' })).status).toBe(401);
    } finally {
      await aerie.close();
      Reflect.getMetadataKeys(McpController)
        .filter((key) => typeof key === 'symbol')
        .forEach((key) => Reflect.deleteMetadata(key, McpController));
    }
  });
});
