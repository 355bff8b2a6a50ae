import { MCPClient } from '@mastra/mcp';
import { auth } from '@modelcontextprotocol/client';
import { exercise, Provider, textOf, url } from './client.mjs';

const authProvider = new Provider();
let count = 0;

await exercise({
  provider: authProvider,
  finish: (answer) =>
    auth(authProvider, { serverUrl: url, authorizationCode: answer.get('code'), iss: answer.get('iss') }),
  connect: async () => {
    const servers = { aerie: { url: new URL(url), authProvider, connectTimeout: 20_000 } };
    const client = new MCPClient({ id: `aerie-${++count}`, servers });
    const { toolsets, errors } = await client.listToolsetsWithErrors();
    if (errors.aerie) throw new Error(errors.aerie);
    return {
      list: async () => Object.keys(toolsets.aerie),
      call: async (name, args) => textOf(await toolsets.aerie[name].execute(args, {})),
      close: () => client.disconnect(),
    };
  },
});
