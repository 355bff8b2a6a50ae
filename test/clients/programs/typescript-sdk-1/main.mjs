import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { exercise, Provider, textOf, url } from './client.mjs';

const authProvider = new Provider();
const newTransport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider });

await exercise({
  provider: authProvider,
  finish: (answer) => newTransport().finishAuth(answer.get('code')),
  connect: async () => {
    const client = new Client({ name: 'typescript-sdk-1', version: '1.0.0' });
    await client.connect(newTransport());
    return {
      list: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: async (name, args) => textOf(await client.callTool({ name, arguments: args })),
      close: () => client.close(),
    };
  },
});
