import { shellWord } from '../../values/shell-word.js';
import { type ClientSetup, json } from './client-setup.js';

const checked = '2026-11-27';

/** Ways to connect for clients without remote servers, and for developers. */
export const TOOLS: readonly ClientSetup[] = [
  {
    id: 'mcp-remote',
    name: 'mcp-remote',
    kind: 'for clients that only start local programs',
    steps: [
      {
        text: 'Add it to the configuration of the client. It needs Node.js:',
        copy: ({ name, url }) =>
          json({ mcpServers: { [name]: { command: 'npx', args: ['-y', 'mcp-remote', url] } } }),
      },
      { text: 'The first start opens a browser to sign in.' },
    ],
    note: 'For an http address other than localhost, add "--allow-http" to the arguments.',
    source: 'https://github.com/geelen/mcp-remote/blob/main/README.md',
    checked,
  },
  {
    id: 'inspector',
    name: 'MCP Inspector',
    kind: 'for developers',
    steps: [
      {
        text: 'Run in a terminal, and open the address that it prints:',
        copy: ({ url }) =>
          `npx @modelcontextprotocol/inspector --server-url ${shellWord(url)} --transport http`,
      },
      { text: 'Choose Connect, and sign in.' },
    ],
    source: 'https://modelcontextprotocol.io/docs/latest/tools/inspector',
    checked,
  },
  {
    id: 'curl',
    name: 'curl',
    kind: 'for programs with a token',
    steps: [
      {
        text: 'With an access token in $TOKEN:',
        copy: ({ url }) =>
          [
            `curl -s ${shellWord(url)} \\`,
            '  -H "Authorization: Bearer $TOKEN" \\',
            "  -H 'Content-Type: application/json' \\",
            "  -H 'Accept: application/json, text/event-stream' \\",
            `  -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'`,
          ].join('\n'),
      },
    ],
    source: 'https://modelcontextprotocol.io/specification/2026-07-28/basic/transports',
    checked,
  },
];
