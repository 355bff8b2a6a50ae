import { Controller, Get, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { AerieModule, CurrentPrincipal, fromEnvironment, fromOptions, Principal, Protect } from 'aerie-mcp';

import { GreetingTools } from './greeting.tools.js';
import { Public } from './public.decorator.js';
import { RefundsModule, RefundTools } from './refunds.js';

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

@Module({
  imports: [
    AerieModule.forRoot(
      fromOptions({
        nodeEnv: 'production',
        skEnvUrl: 'https://acme.scalekit.com',
        mcpServerId: 'res_123',
        resourceUrl: 'https://api.example.com/mcp',
        toolTimeout: '20s',
        rateLimitCaller: '60/min',
        signInScopes: ['orders:read'],
        mcpSessions: true,
      }),
    ),
  ],
})
export class FromOptions {}

@Module({
  imports: [
    AerieModule.forRoot(fromEnvironment(process.env)),
    AerieModule.forRoot(
      fromEnvironment({
        ...process.env,
        RESOURCE_URL: 'https://api.example.com/internal/mcp',
        MCP_SERVER_ID: 'res_456',
        RATE_LIMIT_CALLER: '600/min',
      }),
      { endpoint: 'staff' },
    ),
    AerieModule.forFeature([RefundTools], { endpoint: 'staff', imports: [RefundsModule] }),
  ],
  providers: [GreetingTools],
})
export class CustomersAndStaff {}

@Controller('profile')
export class ProfileController {
  @Protect()
  @Get()
  show(@CurrentPrincipal() principal: Principal): { subject: string } {
    return { subject: principal.subject };
  }
}
