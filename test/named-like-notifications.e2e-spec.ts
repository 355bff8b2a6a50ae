import { SessionToolsModule } from './support/session.tools.js';
import { serveAndAsk, WAYS } from './support/ways.js';

describe.each(WAYS)('a request that is named like a notification, MCP $name', (way) => {
  const ask = serveAndAsk(way, [SessionToolsModule]);

  it.each([
    ['notifications/cancelled', { requestId: 1 }],
    ['notifications/initialized', {}],
  ])('is answered: %s', async (method, params) => {
    const { id, error } = await ask({ method, params, id: 'request' });
    expect({ id, code: error?.code }).toEqual({ id: 'request', code: -32_601 });
  });
});
