import { shellWord } from '../../values/shell-word.js';
import { type ClientSetup, json, type ServerAddress } from './client-setup.js';

const checked = '2026-11-27';

const httpServer = ({ name, url }: ServerAddress): object => ({ name, type: 'http', url });

/** Editors and coding agents. They connect from the user's machine. */
export const CODING_AGENTS: readonly ClientSetup[] = [
  {
    id: 'claude-code',
    name: 'Claude Code',
    kind: 'terminal, editors',
    steps: [
      {
        text: 'Run in a terminal:',
        copy: ({ name, url }) => `claude mcp add --transport http ${name} ${shellWord(url)}`,
      },
      { text: 'Start claude, run /mcp, choose the server and Authenticate.' },
    ],
    note: 'Add --scope user to have it in every project.',
    source: 'https://code.claude.com/docs/en/mcp',
    checked,
  },
  {
    id: 'vscode',
    name: 'VS Code',
    kind: 'GitHub Copilot',
    link: (server) => `vscode:mcp/install?${encodeURIComponent(JSON.stringify(httpServer(server)))}`,
    steps: [
      {
        text: 'Run in a terminal:',
        copy: (server) => `code --add-mcp ${shellWord(JSON.stringify(httpServer(server)))}`,
      },
      { text: 'Start the server from the Extensions view, and sign in.' },
    ],
    source: 'https://code.visualstudio.com/docs/copilot/guides/mcp-developer-guide',
    checked,
  },
  {
    id: 'cursor',
    name: 'Cursor',
    kind: 'editor',
    link: ({ name, url }) =>
      `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${encodeURIComponent(Buffer.from(JSON.stringify({ url })).toString('base64'))}`,
    steps: [
      {
        text: 'Add it to ~/.cursor/mcp.json:',
        copy: ({ name, url }) => json({ mcpServers: { [name]: { url } } }),
      },
      { text: 'In the settings of MCP, choose Connect, and sign in.' },
    ],
    source: 'https://cursor.com/docs/mcp/install-links',
    checked,
  },
  {
    id: 'codex',
    name: 'Codex',
    kind: 'terminal, editors',
    steps: [
      {
        text: 'Run in a terminal:',
        copy: ({ name, url }) => `codex mcp add ${name} --url ${shellWord(url)}`,
      },
      { text: 'If Codex does not ask you to sign in:', copy: ({ name }) => `codex mcp login ${name}` },
    ],
    source: 'https://developers.openai.com/codex/mcp',
    checked,
  },
  {
    id: 'gemini-cli',
    name: 'Gemini CLI',
    kind: 'terminal',
    steps: [
      {
        text: 'Run in a terminal:',
        copy: ({ name, url }) => `gemini mcp add --scope user --transport http ${name} ${shellWord(url)}`,
      },
      { text: 'Start gemini, and sign in:', copy: ({ name }) => `/mcp auth ${name}` },
    ],
    source: 'https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md',
    checked,
  },
  {
    id: 'windsurf',
    name: 'Windsurf',
    kind: 'editor',
    steps: [
      {
        text: 'Add it to ~/.codeium/windsurf/mcp_config.json:',
        copy: ({ name, url }) => json({ mcpServers: { [name]: { serverUrl: url } } }),
      },
      { text: 'Refresh the MCP servers in Cascade, and sign in.' },
    ],
    note: 'In an Enterprise plan, an administrator turns MCP on first.',
    source: 'https://docs.windsurf.com/windsurf/cascade/mcp',
    checked,
  },
  {
    id: 'zed',
    name: 'Zed',
    kind: 'editor',
    steps: [
      {
        text: 'Add it to the settings file (zed: open settings file):',
        copy: ({ name, url }) => json({ context_servers: { [name]: { url } } }),
      },
      { text: 'Zed asks you to sign in, because there is no Authorization header.' },
    ],
    source: 'https://zed.dev/docs/ai/mcp',
    checked,
  },
  {
    id: 'goose',
    name: 'Goose',
    kind: 'desktop, terminal',
    link: ({ name, title, url }) =>
      `goose://extension?${Object.entries({
        type: 'streamable_http',
        url,
        id: name,
        name: title,
        description: title,
      })
        .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
        .join('&')}`,
    steps: [
      { text: 'Run in a terminal:', copy: () => 'goose configure' },
      {
        text: 'In the terminal, choose Add Extension, Remote Extension (Streamable HTTP), and enter:',
        copy: ({ url }) => url,
      },
    ],
    source:
      'https://github.com/aaif-goose/goose/blob/main/documentation/docs/getting-started/using-extensions.md',
    checked,
  },
  {
    id: 'jetbrains',
    name: 'JetBrains AI Assistant',
    kind: 'IDEs',
    steps: [
      { text: 'Open Settings, Tools, AI Assistant, Model Context Protocol (MCP). Choose +.' },
      {
        text: 'Paste as JSON:',
        copy: ({ name, url }) => json({ mcpServers: { [name]: { url } } }),
      },
    ],
    note: 'Its documentation does not mention a sign-in for remote servers. If the connection is refused, use mcp-remote, below.',
    source: 'https://www.jetbrains.com/help/ai-assistant/mcp.html',
    checked,
  },
];
