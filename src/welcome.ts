import type { Configuration } from './config/configuration.js';

/** What a person at the terminal wants to know after the start. Never a token. */
export function welcome({ resource, devIssuer, scalekit }: Configuration): string {
  const { url } = resource;
  const lines = [
    '',
    `  Aerie is up.`,
    '',
    `  MCP endpoint          ${url}`,
    `  Authorization server  ${devIssuer ? `${scalekit.environmentUrl} (embedded, for development only)` : resource.metadata.authorization_servers[0]}`,
    `  Health                ${new URL('/health/ready', url).href}`,
    '',
    '  Add it to a client',
    `    Claude Code  claude mcp add --transport http aerie ${url}`,
    `    VS Code      code --add-mcp '${JSON.stringify({ name: 'aerie', type: 'http', url })}'`,
    `    Inspector    npx @modelcontextprotocol/inspector   (Streamable HTTP, ${url})`,
  ];
  if (devIssuer) {
    const call = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'greet_user', arguments: { name: 'Saif' } },
    };
    lines.push(
      '',
      '  Call a tool from a second terminal, in this folder',
      `    curl -s ${url} -H "Authorization: Bearer $(npm run --silent token)" -H 'Content-Type: application/json' -d '${JSON.stringify(call)}'`,
    );
  }
  return `${lines.join('\n')}\n\n`;
}
