import { Module } from '@nestjs/common';
import { AerieModule, fromEnvironment } from 'aerie-mcp';

import { GreetingTools } from './greeting/greeting.tools.js';
import { HealthController } from './health/health.controller.js';

/** Settings from the variables of .env.example, validated. */
export const configuration = fromEnvironment(process.env);

@Module({
  imports: [AerieModule.forRoot(configuration)],
  controllers: [HealthController],
  providers: [GreetingTools],
})
export class AppModule {}
