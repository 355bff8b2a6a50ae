import { Injectable, Module } from '@nestjs/common';

import { type CallContext, McpTool } from '../src/mcp/index.js';
import { Listings } from '../src/mcp/server/listings.js';
import { serveAndAsk, WAYS } from './support/ways.js';

const scopes = 'authenticated';

@Injectable()
class Offers {
  @McpTool({ name: 'asks', description: 'Asks.', scopes })
  async asks(_input: object, context: CallContext): Promise<string> {
    const metadata = Object.assign(Object.create(null), { id: 10n }) as Record<string, never>;
    await context.sample({ messages: [], maxTokens: 1, metadata });
    return 'asked';
  }
}

@Module({ providers: [Offers] })
class OffersModule {}

describe.each(WAYS)('a result that JSON cannot represent, in $name', (way) => {
  const ask = serveAndAsk(way, [OffersModule]);

  it('is an internal error', async () => {
    const prompts = [{ name: 'counted', _meta: { count: 10n } }];
    jest.spyOn(Listings.prototype, 'prompts').mockReturnValue({ prompts });
    expect(await ask({ method: 'prompts/list', id: 7 })).toMatchObject({ id: 7, error: { code: -32_603 } });
    expect(await ask({ method: 'ping', id: 8 })).toMatchObject({ id: 8 });
  });

  it('is an error that names the member in a question to the client', async () => {
    const { result } = await ask({ method: 'tools/call', params: { name: 'asks', arguments: {} } });
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('"params.metadata.id" is a bigint') }],
    });
  });
});
