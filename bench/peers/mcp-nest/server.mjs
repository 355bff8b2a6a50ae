// @rekog/mcp-nest, as in its "server examples": the strategy with its defaults, and authentication in a middleware.
import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { McpController, McpStrategy, StreamableHttpTransport, Tool, ToolScopes } from '@rekog/mcp-nest';

import { bearerOf, port, tools, verify } from './shared.mjs';

/** Applies the decorators as functions, because JavaScript has no decorators. Each controller has one tool. */
const controllers = tools.map(({ name, description, input, greet }) => {
  class GreetingTool {
    run(given) {
      return { content: [{ type: 'text', text: greet(given) }] };
    }
  }
  const method = Object.getOwnPropertyDescriptor(GreetingTool.prototype, 'run');
  Payload()(GreetingTool.prototype, 'run', 0);
  ToolScopes(['bench:call'])(GreetingTool.prototype, 'run', method);
  Tool({ name, description, parameters: input })(GreetingTool.prototype, 'run', method);
  McpController()(GreetingTool);
  return GreetingTool;
});

class AppModule {}
Module({ controllers })(AppModule);

async function authenticate(request, response, next) {
  try {
    const { sub, scope } = await verify(bearerOf(request.headers.authorization));
    request.user = { sub, scopes: scope.split(' ') };
  } catch {
    response.status(401).end();
    return;
  }
  next();
}

const strategy = new McpStrategy({
  name: 'peer',
  version: '1.0.0',
  transports: [new StreamableHttpTransport()],
  logging: false,
});
const application = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
application.use((request, response, next) => void authenticate(request, response, next));
strategy.setHttpAdapter(application.getHttpAdapter());
application.connectMicroservice({ strategy });
await application.startAllMicroservices();
await application.listen(port, '127.0.0.1');
