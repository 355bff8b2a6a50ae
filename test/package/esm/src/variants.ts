import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { AerieModule, CurrentPrincipal, fromEnvironment, Principal, Protect } from 'aerie-mcp';
import { AerieTest, createCallContext, expectTenantIsolation } from 'aerie-mcp/testing';

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

@Injectable()
class Rates {
  of(currency: string): number {
    return currency === 'EUR' ? 1 : 2;
  }
}

export async function replaced(): Promise<AerieTest> {
  return AerieTest.create({ providers: [GreetingTools, Rates] }, { variables: { TOOL_TIMEOUT: '50ms' } })
    .overrideProvider(Rates)
    .useValue({ of: () => 10 })
    .compile();
}

export async function answered(aerie: AerieTest): Promise<void> {
  const client = aerie.as(
    { subject: 'alice' },
    { era: 'modern', answers: [{ action: 'accept', content: { sure: true } }, { action: 'decline' }] },
  );
  await client.callTool('delete_everything');
  console.log(client.questions, client.logs);
}

export async function isolated(aerie: AerieTest): Promise<void> {
  const acme = aerie.as({ subject: 'alice', organization: 'acme', scopes: ['note:write'] });
  const globex = aerie.as({ subject: 'bob', organization: 'globex', scopes: ['note:write'] });
  await expectTenantIsolation(acme, globex, [
    (client, marker) => client.callTool('add_note', { text: marker }),
    (client) => client.callTool('list_notes'),
  ]);
}

export async function refused(aerie: AerieTest): Promise<void> {
  await aerie.revoke({ what: 'subject', id: 'mallory' });
  const expired = aerie.as({ subject: 'alice', expiresIn: -60 });
  const foreign = await aerie.foreignToken({ subject: 'alice' });
  await aerie.fetch(aerie.url, { method: 'POST', headers: { authorization: `Bearer ${foreign}` } });
  await expired.listTools();
}

export function recorded(): void {
  const { context, progress, logs } = createCallContext({
    caller: { subject: 'alice', organization: 'acme' },
  });
  console.log(context.principal.subject, progress, logs);
}
