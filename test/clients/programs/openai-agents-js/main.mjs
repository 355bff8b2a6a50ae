import { auth } from '@modelcontextprotocol/client';
import { MCPServerStreamableHttp } from '@openai/agents';
import { exercise, Provider, textOf, url } from './client.mjs';

const authProvider = new Provider();

await exercise({
  provider: authProvider,
  finish: (answer) =>
    auth(authProvider, { serverUrl: url, authorizationCode: answer.get('code'), iss: answer.get('iss') }),
  connect: async () => {
    const server = new MCPServerStreamableHttp({ url, name: 'aerie', authProvider });
    await server.connect();
    return {
      list: async () => (await server.listTools()).map(({ name }) => name),
      call: async (name, args) => textOf({ content: await server.callTool(name, args) }),
      close: () => server.close(),
    };
  },
});
