import type { ClientSetup } from './client-setup.js';

const checked = '2026-11-27';

/** Chat applications and automation services. Most connect from their own cloud. */
export const ASSISTANTS: readonly ClientSetup[] = [
  {
    id: 'claude',
    name: 'Claude',
    kind: 'web, desktop, mobile',
    isInCloud: true,
    steps: [
      { text: 'In Claude, open Customize, then Connectors. Choose + and Add custom connector.' },
      { text: 'Enter this address:', copy: ({ url }) => url },
      { text: 'Choose Add, then Connect, and sign in.' },
    ],
    note: 'On Team and Enterprise plans, an owner adds the connector first. The mobile apps use connectors that were added on the web.',
    source:
      'https://support.claude.com/en/articles/11503834-building-custom-integrations-via-remote-mcp-servers',
    checked,
  },
  {
    id: 'chatgpt',
    name: 'ChatGPT',
    kind: 'web',
    isInCloud: true,
    steps: [
      {
        text: 'In the settings of ChatGPT, turn on Developer mode, under Advanced settings of Apps (or Connectors).',
      },
      { text: 'Create an app with the authentication OAuth and this address:', copy: ({ url }) => url },
      { text: 'Sign in when ChatGPT asks. In a chat, add the app from the + menu.' },
    ],
    note: 'Which tools may write depends on the plan. In a workspace, an administrator allows Developer mode first.',
    source: 'https://developers.openai.com/apps-sdk/deploy/connect-chatgpt',
    checked,
  },
  {
    id: 'copilot-studio',
    name: 'Copilot Studio',
    kind: 'web',
    isInCloud: true,
    steps: [
      { text: 'On the Tools page of your agent, choose Add a tool, New tool, Model Context Protocol.' },
      { text: 'Enter a name, a description and this address:', copy: ({ url }) => url },
      { text: 'Choose OAuth 2.0 with Dynamic discovery, then Create, and sign in.' },
    ],
    source: 'https://learn.microsoft.com/microsoft-copilot-studio/mcp-add-existing-server-to-agent',
    checked,
  },
  {
    id: 'n8n',
    name: 'n8n',
    kind: 'cloud or self-hosted',
    steps: [
      { text: 'Add an MCP Client Tool node to your agent. Choose the transport HTTP Streamable.' },
      { text: 'Enter this endpoint:', copy: ({ url }) => url },
      { text: 'Choose MCP OAuth2 as the authentication, create the credential, and sign in.' },
    ],
    note: 'n8n Cloud needs a public https address.',
    source: 'https://docs.n8n.io/integrations/builtin/cluster-nodes/sub-nodes/n8n-nodes-langchain.toolmcp',
    checked,
  },
];
