import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { exercise, Provider, textOf, url } from './client.mjs';

const authProvider = new Provider();
const newTransport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider });

await exercise({
  provider: authProvider,
  finish: (answer) => newTransport().finishAuth(answer),
  connect: async () => {
    const client = new Client(
      { name: 'typescript-sdk-2', version: '1.0.0' },
      { versionNegotiation: { mode: 'auto' } },
    );
    await client.connect(newTransport());
    return {
      list: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: async (name, args) => textOf(await client.callTool({ name, arguments: args })),
      close: () => client.close(),
    };
  },
});
