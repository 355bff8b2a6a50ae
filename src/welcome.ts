import type { Configuration } from './config/configuration.js';

/** What a person at the terminal wants to know after the start. Never a token. */
export function welcome(configuration: Configuration, signInScopes: readonly string[] = []): string {
  const { resource, devIssuer } = configuration;
  const { url } = resource;
  const lines = [
    '',
    `  Aerie is up.`,
    '',
    `  MCP endpoint          ${url}`,
    `  ${sourceOfTokens(configuration)}`,
    ...(configuration.scalekit ? [`  A sign-in asks for    ${signInScopes.join(' ') || 'no scope'}`] : []),
    `  Health                ${new URL('/health/ready', url).href}`,
    '',
    ...ways(configuration),
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
      `    curl -s ${url} -H "Authorization: Bearer $(${tokenCommand(configuration)})" -H 'Content-Type: application/json' -d '${JSON.stringify(call)}'`,
    );
  }
  return `${lines.join('\n')}\n\n`;
}

/** The command with the variables that it needs to know of this server, unless they have their defaults. */
function tokenCommand({ http: { port }, resource, devIssuer, stateDirectory }: Configuration): string {
  const given = Object.entries({
    PORT: port !== 3002 && String(port),
    RESOURCE_URL: resource.url !== `http://localhost:${port}/mcp` && resource.url,
    DEV_ISSUER_PORT: devIssuer && devIssuer.port !== 3003 && String(devIssuer.port),
    STATE_DIRECTORY: stateDirectory !== '.aerie' && stateDirectory,
  }).map(([name, value]) => (value ? `${name}=${shellWord(value)} ` : ''));
  return `${given.join('')}npm run --silent token`;
}

/** Quoted where a shell would read it otherwise. */
function shellWord(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function sourceOfTokens({ devIssuer, scalekit, resource, jwt }: Configuration): string {
  const ownKeys = jwt && `signed with your own keys, as ${jwt.issuers.join(' or ')}`;
  if (!scalekit) return `Tokens                ${ownKeys}`;
  const server = devIssuer
    ? `${scalekit.environmentUrl} (embedded, for development only)`
    : resource.metadata.authorization_servers?.[0];
  return `Authorization server  ${server}${ownKeys ? `\n  Other tokens          ${ownKeys}` : ''}`;
}

/** How clients get to it: with a sign-in where there is somewhere to sign in, else with a token at hand. */
function ways({ resource: { url }, scalekit }: Configuration): string[] {
  if (!scalekit) {
    return [
      '  Add it to a client, with a token in $TOKEN',
      `    Claude Code  claude mcp add --transport http aerie ${url} --header "Authorization: Bearer $TOKEN"`,
      `    Inspector    npx @modelcontextprotocol/inspector@2   (Streamable HTTP, ${url}, a custom header)`,
    ];
  }
  return [
    '  Add it to a client',
    `    Claude Code  claude mcp add --transport http aerie ${url}`,
    `    VS Code      code --add-mcp '${JSON.stringify({ name: 'aerie', type: 'http', url })}'`,
    `    Inspector    npx @modelcontextprotocol/inspector@2   (Streamable HTTP, ${url})`,
  ];
}
