import { Module } from '@nestjs/common';
import { AerieModule, fromEnvironment } from 'aerie-mcp';

import { GreetingTools } from './greeting/greeting.tools.js';

/** Settings from the variables of .env.example, validated. */
export const configuration = fromEnvironment(process.env);

@Module({
  imports: [AerieModule.forRoot(configuration)],
  providers: [GreetingTools],
})
export class AppModule {}
