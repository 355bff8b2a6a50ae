import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { MCPClient } from 'mcp-use/client';
import { exercise, Provider, textOf, url } from './client.mjs';

const authProvider = new Provider();

await exercise({
  provider: authProvider,
  finish: (answer) => auth(authProvider, { serverUrl: url, authorizationCode: answer.get('code') }),
  connect: async () => {
    const client = new MCPClient({ mcpServers: { aerie: { url, authProvider } } });
    const session = await client.createSession('aerie');
    return {
      list: async () => (await session.listTools()).map(({ name }) => name),
      call: async (name, args) => textOf(await session.callTool(name, args)),
      close: () => client.closeAllSessions(),
    };
  },
});
