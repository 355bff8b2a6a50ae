import 'reflect-metadata';

import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AerieModule, fromEnvironment, McpTool, Principal } from 'aerie-mcp';
import { z } from 'zod';

@Injectable()
class GreetingTools {
  constructor(private readonly principal: Principal) {}

  @McpTool({
    name: 'greet',
    scopes: ['greet'],
    description: 'Greets the caller.',
    input: z.object({ greeting: z.string() }),
  })
  greet({ greeting }: { greeting: string }): string {
    return `${greeting}, ${this.principal.subject}!`;
  }
}

@Module({ imports: [AerieModule.forRoot(fromEnvironment(process.env))], providers: [GreetingTools] })
class AppModule {}

const application = await NestFactory.create(AppModule);
await application.listen(Number(process.env['PORT']), '127.0.0.1');
