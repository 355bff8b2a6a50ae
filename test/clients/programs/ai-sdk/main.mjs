import { auth, createMCPClient } from '@ai-sdk/mcp';
import { exercise, Provider, textOf, url } from './client.mjs';

const authProvider = new Provider();

await exercise({
  provider: authProvider,
  finish: (answer) =>
    auth(authProvider, {
      serverUrl: url,
      authorizationCode: answer.get('code'),
      callbackState: answer.get('state'),
      callbackIssuer: answer.get('iss'),
    }),
  connect: async () => {
    const client = await createMCPClient({ transport: { type: 'http', url, authProvider } });
    return {
      list: async () => Object.keys(await client.tools()),
      call: async (name, args) => {
        const tools = await client.tools();
        return textOf(await tools[name].execute(args, { messages: [], toolCallId: 'call-1' }));
      },
      close: () => client.close(),
    };
  },
});
