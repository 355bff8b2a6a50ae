import { type DynamicModule, Injectable, Module, Scope, type Type } from '@nestjs/common';

import { SCOPE } from '../issuer.js';
import { McpTool, Principal } from '../../src/mcp/index.js';
import { description, greet, input, type Input, numbers, toolName } from './tool-shape.js';

/** Number of Aerie's own tools in every list: `greet` and `whoami`, which need no scope. */
const OWN_TOOLS = 2;

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

function singletonTool(index: number): Type {
  @Injectable()
  class SingletonTool {
    @McpTool({ name: toolName(index), description: description(index), input, scopes: [SCOPE] })
    run(given: Input): string {
      return greet(given);
    }
  }
  return SingletonTool;
}

/** Benchmark tools, in such a number that lists have the requested length. */
@Module({})
export class BenchToolsModule {
  /** @param count number of all tools that the caller sees; the last one is `tool_{count}` */
  static register(count: number): DynamicModule {
    const singletons = numbers(count).slice(OWN_TOOLS + 1);
    return {
      module: BenchToolsModule,
      providers: [Customer, Basket, RequestScopedTool, ...singletons.map(singletonTool)],
    };
  }
}
