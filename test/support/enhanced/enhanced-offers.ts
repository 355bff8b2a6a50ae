import {
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Inject,
  Injectable,
  Module,
  type NestInterceptor,
  Scope,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import { z } from 'zod';

import {
  type CallContext,
  ExposeAsTool,
  fromOpenApi,
  LiveCatalog,
  McpPrompt,
  McpResource,
  McpTool,
  type Observer,
  Organization,
} from '../../../src/index.js';
import { AerieTest, type AerieTestOptions } from '../../../src/testing/index.js';
import { Switches } from '../../examples/enhancers.js';
import { PETS } from '../pets.openapi.js';

const common = { description: 'Tells a secret.', scopes: 'authenticated' } as const;
const Marked = SetMetadata('mark', 'marked');
export const SECRET = 'secret-4711';

/** Steps of a call, in their order. */
export const steps: string[] = [];

class Broken extends Error {}

@Injectable()
class Near implements CanActivate, NestInterceptor {
  canActivate(): boolean {
    return steps.push('near guard') > 0;
  }

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    steps.push('near interceptor');
    return next.handle();
  }
}

@Injectable()
export class Refusing implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Catch(ForbiddenException)
class NearFilter implements ExceptionFilter {
  catch(): string {
    return 'a nearer filter';
  }
}

@Injectable()
export class Offered {
  @Marked
  @McpTool({ ...common, name: 'declared' })
  declared(): string {
    return SECRET;
  }

  @McpTool({ ...common, name: 'guarded' })
  @UseGuards(Near)
  @UseInterceptors(Near)
  guarded(): string {
    steps.push('method');
    return SECRET;
  }

  @McpTool({ ...common, name: 'refused' })
  @UseGuards(Refusing)
  refused(): string {
    return SECRET;
  }

  @McpTool({ ...common, name: 'filtered' })
  @UseFilters(NearFilter)
  filtered(): string {
    throw new ForbiddenException();
  }

  @McpTool({ ...common, name: 'broken' })
  broken(): string {
    throw new Broken();
  }

  @McpTool({ ...common, name: 'asking' })
  async asking(_input: object, context: CallContext): Promise<string> {
    const { action } = await context.elicit({ message: 'Sure?', schema: z.object({}) });
    steps.push('effect');
    return action;
  }

  @McpResource({ ...common, name: 'fixed', uri: 'secret://fixed' })
  fixed(): string {
    return SECRET;
  }

  @McpResource({
    ...common,
    name: 'template',
    uri: 'secret://{id}/text',
    list: 'list',
    complete: { id: 'ids' },
  })
  template({ id }: { id: string }): string {
    return `${SECRET} of ${id}`;
  }

  list(): { uri: string; name: string }[] {
    return [{ uri: 'secret://1/text', name: SECRET }];
  }

  ids(): string[] {
    return [SECRET];
  }

  @McpPrompt({ ...common, name: 'prompt' })
  prompt(): string {
    return SECRET;
  }
}

/** Needs an organization, as each class that injects one. */
@Injectable({ scope: Scope.REQUEST })
class Owned {
  constructor(private readonly organization: Organization) {}

  @McpTool({ ...common, name: 'owned' })
  owned(): string {
    return this.organization.id;
  }
}

@Controller('secrets')
class SecretsController {
  @Get()
  @Marked
  @UseGuards(Near)
  @ExposeAsTool({ ...common, name: 'route' })
  read(): { secret: string } {
    return { secret: SECRET };
  }
}

/** Sees every use, and replaces secrets in the result. */
@Injectable()
export class Masking implements NestInterceptor {
  static readonly seen: string[] = [];
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { offer } = context.getArgByIndex<CallContext>(3);
    const mark = this.reflector.getAllAndOverride<string | undefined>('mark', [
      context.getHandler(),
      context.getClass(),
    ]);
    Masking.seen.push([context.getType(), offer.kind, offer.name, ...(mark ? [mark] : [])].join(' '));
    steps.push('interceptor');
    const masked = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(SECRET, '***'));
    return next.handle().pipe(map(masked));
  }
}

@Injectable()
export class FirstGuard implements CanActivate {
  canActivate(): boolean {
    return steps.push('guard') > 0;
  }
}

@Catch(Broken)
export class BrokenFilter implements ExceptionFilter {
  catch(): string {
    return 'mapped';
  }
}

@Catch(ForbiddenException)
export class FarFilter implements ExceptionFilter {
  catch(): string {
    return 'a farther filter';
  }
}

@Module({ providers: [Switches], exports: [Switches] })
export class SwitchesModule {}

/** Stamps results with the caller's organization. */
@Injectable({ scope: Scope.REQUEST })
export class Stamp implements NestInterceptor {
  constructor(@Inject(Organization) private readonly organization: Organization) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next
      .handle()
      .pipe(map((value) => (typeof value === 'string' ? `${value} ${this.organization.id}` : value)));
  }
}

/** Ends of calls, as metrics and the audit trail see them. */
export const ends: string[] = [];
const observer: Observer = {
  call: ({ name }) => ({ end: ({ outcome, reason }) => void ends.push(`${name} ${outcome} ${reason}`) }),
};
/** Starts an application with offers of every kind, whose API is at the URL. */
export async function startOffers(apiUrl: string, options: AerieTestOptions): Promise<AerieTest> {
  const document = fromOpenApi({
    name: 'pets',
    document: PETS,
    baseUrl: `${apiUrl}/v1`,
    credentials: { credentialsFor: () => ({ token: 'token' }) },
    operations: { getPet: { name: 'operation', scopes: 'authenticated' } },
  });
  const aerie = await AerieTest.create(
    { imports: [document], providers: [Offered, Owned], controllers: [SecretsController] },
    { observers: [observer], ...options },
  ).compile();
  const live = aerie.application.get(LiveCatalog, { strict: false });
  const handler = (): string => SECRET;
  Reflect.defineMetadata('mark', 'marked', handler);
  live.addTool({ ...common, name: 'live' }, handler);
  return aerie;
}

/** Tools of every kind, with their arguments. */
export const TOOLS: [string, Record<string, unknown>][] = [
  ['declared', {}],
  ['operation', { id: '1' }],
  ['route', {}],
  ['live', {}],
];
