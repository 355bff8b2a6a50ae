import { Injectable, Module } from '@nestjs/common';

import { startDevIssuer } from '../src/dev-issuer/index.js';
import { AerieModule, type CallContext, fromEnvironment, McpTool } from '../src/index.js';
import { AerieTest } from '../src/testing/index.js';

@Injectable()
class WhoTools {
  @McpTool({ name: 'who', scopes: 'authenticated', description: 'Names the caller.' })
  who(_input: object, { principal }: CallContext): string {
    return principal.subject;
  }
}

const staff = { RESOURCE_URL: 'http://localhost:3002/internal/mcp', DEV_ISSUER_PORT: '3004' };

@Module({
  imports: [
    AerieModule.forRoot(fromEnvironment({ RESOURCE_URL: 'http://localhost:3002/api/mcp' })),
    AerieModule.forRoot(fromEnvironment(staff), { endpoint: 'staff' }),
    AerieModule.forFeature([WhoTools], { endpoint: ['default', 'staff'] }),
  ],
})
class AppModule {}

describe('AerieTest of an application with several endpoints', () => {
  it.each([
    ['in memory', undefined],
    [
      'of aerie-mcp/dev-issuer',
      (resourceUrl: string) => startDevIssuer({ port: 0, resourceUrl, scopes: () => [] }),
    ],
  ])('signs tokens of an issuer %s for one endpoint each', async (_where, issuer) => {
    const aerie = await AerieTest.create({ imports: [AppModule] }, issuer && { issuer }).compile();
    try {
      const alice = { subject: 'alice' };
      expect((await aerie.as(alice).callTool('who')).text).toBe('alice');
      expect((await aerie.as(alice, { endpoint: 'staff' }).callTool('who')).text).toBe('alice');
      const statusWith = async (token: string): Promise<number> => {
        const headers = { authorization: `Bearer ${token}` };
        return (await aerie.fetch(aerie.urlOf('staff'), { method: 'POST', headers })).status;
      };
      expect(await statusWith(await aerie.token(alice))).toBe(401);
      expect(await statusWith(await aerie.token(alice, { endpoint: 'staff' }))).not.toBe(401);
    } finally {
      await aerie.close();
    }
  });
});
