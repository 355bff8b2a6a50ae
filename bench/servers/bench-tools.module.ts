import { type DynamicModule, Injectable, Module, type Type } from '@nestjs/common';

import { SCOPE } from '../issuer.js';
import { McpTool } from '../../src/mcp/index.js';
import { description, greet, input, type Input, numbers, toolName } from './tool-shape.js';

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

/** Tools that every measured server offers. */
@Module({})
export class BenchToolsModule {
  /** @param count number of tools; the last one is `tool_{count}` */
  static register(count: number): DynamicModule {
    return { module: BenchToolsModule, providers: numbers(count).map(singletonTool) };
  }
}
