import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AerieModule, fromEnvironment } from 'aerie-mcp';

import { GreetingTools } from './greeting.tools.js';

const configuration = fromEnvironment(process.env);

@Module({
  imports: [AerieModule.forRoot(configuration)],
  providers: [GreetingTools],
})
class AppModule {}

const application = await NestFactory.create(AppModule);
application.enableShutdownHooks(); // running calls end before a signal ends the process
await application.listen(configuration.http.port, configuration.http.host);
