import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { exercise, Provider, url } from './client.mjs';

const authProvider = new Provider();

await exercise({
  provider: authProvider,
  finish: (answer) => auth(authProvider, { serverUrl: url, authorizationCode: answer.get('code') }),
  connect: async () => {
    const client = new MultiServerMCPClient({
      mcpServers: { aerie: { transport: 'http', url, authProvider } },
    });
    const tools = await client.getTools();
    return {
      list: async () => tools.map(({ name }) => name),
      call: (name, args) => tools.find((tool) => tool.name === name).invoke(args),
      close: () => client.close(),
    };
  },
});
