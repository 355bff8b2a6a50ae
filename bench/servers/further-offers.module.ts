import { createServer } from 'node:http';

import { Controller, type DynamicModule, Get, Injectable, Module, Query, Scope } from '@nestjs/common';

import { z } from 'zod';

import { SCOPE } from '../issuer.js';
import {
  type CallContext,
  ExposeAsTool,
  fromOpenApi,
  McpPrompt,
  McpResource,
  McpTool,
  Principal,
} from '../../src/mcp/index.js';
import { listen } from '../../src/values/listen.js';
import { description, greet, input, type Input } from './tool-shape.js';

/** First of two request-scoped providers below the tool. */
@Injectable({ scope: Scope.REQUEST })
class Customer {
  constructor(readonly principal: Principal) {}
}

@Injectable({ scope: Scope.REQUEST })
class Basket {
  constructor(readonly customer: Customer) {}
}

/** Tool whose three providers are created for each request. */
@Injectable()
class RequestScopedTool {
  constructor(private readonly basket: Basket) {}

  @McpTool({ name: 'request_scoped', description: description(0), input, scopes: [SCOPE] })
  run(given: Input): string {
    return `${greet(given)}, customer ${this.basket.customer.principal.subject}`;
  }
}

const LARGE = 'x'.repeat(100_000);
const STEPS = 10;

/** Offers of the further cases; see `further-cases.ts`. */
@Injectable()
class FurtherOffers {
  @McpResource({ uri: 'bench://greeting', name: 'greeting', description: 'A greeting.', scopes: [SCOPE] })
  read(): string {
    return greet({ name: 'Ada' });
  }

  @McpPrompt({ name: 'greeting', description: 'Greets somebody.', arguments: input, scopes: [SCOPE] })
  prompt(given: Input): string {
    return greet(given);
  }

  @McpTool({ name: 'large', description: 'Returns 100 kB.', input, scopes: [SCOPE] })
  large(given: Input): string {
    return greet(given) + LARGE;
  }

  @McpTool({ name: 'progress', description: 'Reports its progress.', input, scopes: [SCOPE] })
  async progress(given: Input, call: CallContext): Promise<string> {
    for (let step = 1; step <= STEPS; step++) await call.progress(step, STEPS);
    return greet(given);
  }

  @McpTool({ name: 'ask', description: 'Asks before it greets.', input, scopes: [SCOPE] })
  async ask(given: Input, call: CallContext): Promise<string> {
    const { action } = await call.elicit({ message: 'Greet?', schema: z.object({ sure: z.boolean() }) });
    return action === 'accept' ? greet(given) : 'Bye';
  }
}

/** Route that is a tool too. */
@Controller('bench')
class GreetingController {
  @Get('greeting')
  @ExposeAsTool({ name: 'controller', description: 'Greets by a route.', scopes: [SCOPE] })
  greeting(@Query('name') name: string): string {
    return greet({ name });
  }
}

/** Tool made of an operation of an API that runs in this process too, so that its time counts. */
const importedTool = (): DynamicModule =>
  fromOpenApi({
    name: 'greetings',
    document: {
      openapi: '3.1.0',
      info: { title: 'Greetings', version: '1' },
      paths: {
        '/greeting': {
          get: {
            operationId: 'greeting',
            parameters: [{ name: 'name', in: 'query', required: true, schema: { type: 'string' } }],
            responses: { 200: { description: 'A greeting' } },
          },
        },
      },
    },
    operations: { greeting: { name: 'imported', description: 'Greets by an API.', scopes: [SCOPE] } },
    useFactory: async () => {
      const server = createServer(({ url = '' }, response) => {
        const { searchParams } = new URL(url, 'http://localhost');
        response.setHeader('content-type', 'text/plain').end(greet({ name: searchParams.get('name') ?? '' }));
      });
      return { baseUrl: `http://127.0.0.1:${await listen(server.unref())}` };
    },
  });

/** Tools, a resource and a prompt of the further cases. Only the processes that measure one of them have these. */
@Module({
  imports: [importedTool()],
  controllers: [GreetingController],
  providers: [Customer, Basket, RequestScopedTool, FurtherOffers],
})
export class FurtherOffersModule {}
