import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AerieModule, fromEnvironment } from 'aerie-mcp';

import { GreetingTools } from './greeting.tools.js';

@Module({
  imports: [AerieModule.forRoot(fromEnvironment(process.env))],
  providers: [GreetingTools],
})
class AppModule {}

const application = await NestFactory.create(AppModule);
await application.listen(Number(process.env['PORT']), '127.0.0.1');
