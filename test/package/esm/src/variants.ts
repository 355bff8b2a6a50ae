import { Controller, Get, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { AerieModule, CurrentPrincipal, fromEnvironment, Principal, Protect } from 'aerie-mcp';

import { GreetingTools } from './greeting.tools.js';
import { Public } from './public.decorator.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    AerieModule.forRootAsync({
      path: '/mcp',
      inject: [ConfigService],
      useFactory: (config: ConfigService) =>
        fromEnvironment({
          AUTH_MODE: 'jwt',
          JWT_JWKS_URI: config.getOrThrow('JWKS_URI'),
          JWT_ISSUER: config.getOrThrow('ISSUER'),
          RESOURCE_URL: config.getOrThrow('MCP_URL'),
        }),
    }),
  ],
  providers: [GreetingTools],
})
export class FromConfigService {}

@Module({
  imports: [AerieModule.forRoot(fromEnvironment(process.env), { decorators: [Public()] })],
})
export class WithOwnGuard {}

@Controller('profile')
export class ProfileController {
  @Protect()
  @Get()
  show(@CurrentPrincipal() principal: Principal): { subject: string } {
    return { subject: principal.subject };
  }
}
