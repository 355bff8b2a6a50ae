import type { Configuration } from './config/configuration.js';
import { shellWord } from './values/shell-word.js';

/** Returns the text for a person at the terminal after startup. It never contains a token. */
export function welcome(configuration: Configuration, signInScopes: readonly string[] = []): string {
  const { resource, devIssuer, demoTools } = configuration;
  const { url } = resource;
  const lines = [
    '',
    `  ${url}`,
    `  Aerie is running. ${configuration.connectPage ? 'Open this address in a browser, or give it to a client.' : 'Give this address to a client.'}`,
    '',
    `  ${sourceOfTokens(configuration)}`,
    ...(configuration.scalekit ? [`  Sign-in scopes        ${signInScopes.join(' ') || 'none'}`] : []),
    `  Health                ${new URL('/health/ready', url).href}`,
    ...optionalParts(configuration),
    '',
    ...ways(configuration),
  ];
  if (devIssuer && demoTools) {
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

/** Names the parts that run only if they are configured. Credentials in their URLs are left out. */
function optionalParts({ telemetry, audit, redis }: Configuration): string[] {
  const sinks = audit?.sinks.map(({ name }) => (name === 'file' ? `file (${audit.directory})` : name));
  const { metrics, tracesUrl, metricsUrl } = telemetry;
  const collectors = [tracesUrl, metricsUrl].flatMap((url) =>
    url === undefined ? [] : [new URL(url).origin],
  );
  return [
    ...(metrics ? [`  Metrics               http://${metrics.host}:${metrics.port}/metrics`] : []),
    ...(collectors.length === 0 ? [] : [`  Collector             ${[...new Set(collectors)].join(', ')}`]),
    ...(sinks ? [`  Audit                 ${sinks.join(', ')}`] : []),
    ...(redis
      ? [`  Redis                 ${redis.nodes.map(({ host, port }) => `${host}:${port}`).join(', ')}`]
      : []),
  ];
}

/** Returns the token command, which finds this server through its state directory. */
function tokenCommand({ stateDirectory }: Configuration): string {
  const directory = stateDirectory === '.aerie' ? '' : `STATE_DIRECTORY=${shellWord(stateDirectory)} `;
  return `${directory}npm run --silent token`;
}

function sourceOfTokens({ devIssuer, scalekit, resource, ownKeys }: Configuration): string {
  const signed = ownKeys && `signed with your own keys, issuer ${ownKeys.issuers.join(' or ')}`;
  if (!scalekit) return `Tokens                ${signed}`;
  const server = devIssuer
    ? `${scalekit.environmentUrl} (embedded, for development only)`
    : resource.metadata.authorization_servers?.[0];
  return `Authorization server  ${server}${signed ? `\n  Other tokens          ${signed}` : ''}`;
}

/** Returns how to add the server to clients: with a sign-in if there is an authorization server, else with a token. */
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
