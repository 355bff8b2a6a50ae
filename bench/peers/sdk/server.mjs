// Official SDK, as in its guide: a new McpServer for each request, schemas created once, and the SDK's own verification
// of bearer tokens.
import { createMcpExpressApp, requireBearerAuth } from '@modelcontextprotocol/express';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer, OAuthError, OAuthErrorCode } from '@modelcontextprotocol/server';

import { audience, port, tools, verify } from './shared.mjs';

const handle = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer({ name: 'peer', version: '1.0.0' });
    for (const { name, description, input, greet } of tools) {
      server.registerTool(name, { description, inputSchema: input }, async (given) => ({
        content: [{ type: 'text', text: greet(given) }],
      }));
    }
    return server;
  }),
);

const verifier = {
  async verifyAccessToken(token) {
    try {
      const { client_id: clientId, scope, exp: expiresAt } = await verify(token);
      return { token, clientId, scopes: scope.split(' '), expiresAt, resource: new URL(audience) };
    } catch (error) {
      throw new OAuthError(OAuthErrorCode.InvalidToken, String(error));
    }
  },
};

createMcpExpressApp()
  .post('/mcp', requireBearerAuth({ verifier, requiredScopes: ['bench:call'] }), (request, response) =>
    handle(request, response, request.body),
  )
  .listen(port, '127.0.0.1');
