import { Controller, Get, Injectable, Module, type ModuleMetadata, Scope } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { z } from 'zod';

import {
  AerieModule,
  type CallContext,
  type Configuration,
  CurrentPrincipal,
  ExposeAsTool,
  fromEnvironment,
  LiveCatalog,
  McpResource,
  McpTool,
  type Observer,
  Principal,
  Protect,
  ResourceUpdates,
} from '../../src/index.js';
import { AerieTest, type TestCaller } from '../../src/testing/index.js';
import { freePort } from './ports.js';

const sure = z.object({ sure: z.boolean() });

/** Tools of the customers: the providers of an ordinary module. */
@Injectable({ scope: Scope.REQUEST })
class CustomerTools {
  constructor(private readonly principal: Principal) {}

  @McpTool({ name: 'my_orders', description: 'Lists orders.', scopes: ['orders:read'] })
  orders(): string {
    return `orders of ${this.principal.subject}`;
  }

  @McpTool({ name: 'confirm', description: 'Asks.', scopes: 'authenticated' })
  async confirm(_input: object, context: CallContext): Promise<string> {
    const { action } = await context.elicit({ message: 'Sure?', schema: sure });
    return `a customer would ${action}`;
  }

  @McpResource({ uri: 'news://all', name: 'news', scopes: 'authenticated' })
  news(): string {
    return 'news';
  }
}

/** Staff's own register, in another module. */
@Injectable()
class Register {
  readonly refunds = 7;
}

@Module({ providers: [Register], exports: [Register] })
class RegisterModule {}

@Injectable()
class StaffTools {
  constructor(
    private readonly register: Register,
    private readonly catalog: LiveCatalog,
    private readonly updates: ResourceUpdates,
  ) {}

  @McpTool({ name: 'count_refunds', description: 'Counts refunds.', scopes: ['refunds:read'] })
  refunds(): string {
    return `${this.register.refunds} refunds`;
  }

  @McpTool({ name: 'confirm', description: 'Asks.', scopes: 'authenticated' })
  async confirm(_input: object, context: CallContext): Promise<string> {
    const { action } = await context.elicit({ message: 'Sure?', schema: sure });
    return `staff would ${action}`;
  }

  @McpTool({ name: 'open_desk', description: 'Adds a tool.', scopes: 'authenticated' })
  open(): string {
    const desk = { name: 'desk', description: 'Works.', scopes: 'authenticated' as const };
    this.catalog.addTool(desk, () => 'open');
    return 'added';
  }

  @McpTool({ name: 'announce', description: 'Announces changes.', scopes: 'authenticated' })
  announce(_input: object, context: CallContext): string {
    context.resourceUpdated('desk://board');
    this.updates.resourceUpdated('news://all', 'everybody');
    return 'announced';
  }

  @McpResource({ uri: 'desk://board', name: 'board', scopes: 'authenticated' })
  board(): string {
    return 'board';
  }
}

/** Routes of the application, for callers of either side. */
@Controller('reports')
class ReportsController {
  @Protect()
  @Get('customers')
  customers(@CurrentPrincipal() { subject }: Principal): string {
    return `customers for ${subject}`;
  }

  @Protect('staff')
  @Get('staff')
  @ExposeAsTool({
    name: 'staff_report',
    description: 'Reports.',
    scopes: 'authenticated',
    endpoint: 'staff',
  })
  staff(@CurrentPrincipal() { subject }: Principal): string {
    return `staff for ${subject}`;
  }

  @Protect('stafff')
  @Get('misspelled')
  misspelled(): string {
    return 'open';
  }
}

/** Tool of the staff, made of an operation of an API. */
const imported = AerieModule.fromOpenApi({
  name: 'ledger',
  document: {
    openapi: '3.1.0',
    info: { title: 'Ledger', version: '1' },
    paths: { '/entries': { get: { operationId: 'entries', responses: { 200: { description: 'OK' } } } } },
  },
  baseUrl: 'http://127.0.0.1:1',
  operations: { entries: { name: 'list_entries', description: 'Lists.', scopes: ['refunds:read'] } },
  endpoint: 'staff',
});

/** Offered to both. */
@Injectable()
class ClockTools {
  @McpTool({ name: 'clock', description: 'Tells the time.', scopes: 'authenticated' })
  clock(): string {
    return 'noon';
  }
}

export type Side = 'customers' | 'staff';

/** Application with two endpoints that share a key, an issuer and a process, and nothing else. */
export interface TwoEndpoints {
  readonly application: NestExpressApplication;
  readonly urls: Readonly<Record<Side, string>>;
  /** Signs a token for one side. */
  token(side: Side, caller?: TestCaller): Promise<string>;
  close(): Promise<void>;
}

/** Variables that a test adds to those of each side. */
type Changes = Partial<Record<Side, Record<string, string>>>;

export interface TwoEndpointOptions {
  readonly variables?: Changes;
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  /** Name of the customers' endpoint; default none. */
  readonly customers?: string;
  /** Observers of the staff's endpoint. */
  readonly observers?: readonly Observer[];
}

export async function startTwoEndpoints({
  variables = {},
  imports = [],
  customers,
  observers = [],
}: TwoEndpointOptions = {}): Promise<TwoEndpoints> {
  const port = await freePort();
  const urls = { customers: `http://localhost:${port}/mcp`, staff: `http://localhost:${port}/internal/mcp` };
  const aerie = await AerieTest.start(
    (common) => {
      const configured = (side: Side): Configuration =>
        fromEnvironment({ ...common, RESOURCE_URL: urls[side], ...variables[side] });

      @Module({
        imports: [
          AerieModule.forRoot(configured('staff'), { endpoint: 'staff', observers }),
          AerieModule.forRoot(
            configured('customers'),
            customers === undefined ? {} : { endpoint: customers },
          ),
          AerieModule.forFeature([StaffTools], { endpoint: 'staff', imports: [RegisterModule] }),
          imported,
          AerieModule.forFeature([ClockTools], { endpoint: ['default', 'staff'] }),
          ...imports,
        ],
        controllers: [ReportsController],
        providers: [CustomerTools],
      })
      class ShopModule {}
      return NestFactory.create<NestExpressApplication>(ShopModule, { logger: false, abortOnError: false });
    },
    {
      port,
      variables: {
        MCP_SESSIONS: 'on',
        MCP_SSE: 'on',
        REQUEST_STATE_SECRET: 'the-same-secret-at-both-32-characters',
      },
    },
  );
  const { application } = aerie;
  return {
    application,
    urls,
    token: (side, caller = {}) =>
      aerie.token(
        { organization: 'org_acme', scopes: ['orders:read', 'refunds:read'], ...caller },
        side === 'staff' ? { endpoint: side } : {},
      ),
    close: async () => {
      application.getHttpServer().closeAllConnections();
      await aerie.close();
    },
  };
}
