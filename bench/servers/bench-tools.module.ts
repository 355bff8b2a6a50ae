import { type DynamicModule, Injectable, Module, Scope, type Type } from '@nestjs/common';

import { SCOPE } from '../issuer.js';
import { McpTool, Principal } from '../../src/mcp/index.js';
import { description, greet, input, type Input, numbers, toolName } from './tool-shape.js';

/** `greet` and `whoami`, which need no scope, are in every list as well. */
const OWN_TOOLS = 2;

/** The least that is request-scoped twice before the tool is. */
@Injectable({ scope: Scope.REQUEST })
class Customer {
  constructor(readonly principal: Principal) {}
}

@Injectable({ scope: Scope.REQUEST })
class Basket {
  constructor(readonly customer: Customer) {}
}

/** A tree of three providers that are made anew for each request. */
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

/** The tools that are measured, so that a list has the number asked for. */
@Module({})
export class BenchToolsModule {
  /** @param count of all tools that the caller sees; the last one is `tool_{count}` */
  static register(count: number): DynamicModule {
    const singletons = numbers(count).slice(OWN_TOOLS + 1);
    return {
      module: BenchToolsModule,
      providers: [Customer, Basket, RequestScopedTool, ...singletons.map(singletonTool)],
    };
  }
}
