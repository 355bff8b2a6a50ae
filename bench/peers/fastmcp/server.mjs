// fastmcp for TypeScript, as in its README: stateless HTTP streaming with its `authenticate` option.
import { FastMCP, requireScopes } from 'fastmcp';

import { bearerOf, port, tools, verify } from './shared.mjs';

const server = new FastMCP({
  name: 'peer',
  version: '1.0.0',
  authenticate: async (request) => {
    try {
      const { sub, scope } = await verify(bearerOf(request.headers.authorization));
      return { sub, scopes: scope.split(' ') };
    } catch {
      throw new Response(null, { status: 401, statusText: 'Unauthorized' });
    }
  },
});
for (const { name, description, input, greet } of tools) {
  server.addTool({
    name,
    description,
    parameters: input,
    canAccess: requireScopes('bench:call'),
    execute: async (given) => greet(given),
  });
}
await server.start({ transportType: 'httpStream', httpStream: { port, host: '127.0.0.1', stateless: true } });
