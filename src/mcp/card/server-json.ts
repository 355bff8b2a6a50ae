import type { Configuration } from '../../config/configuration.js';
import { isPrivateHost } from '../../network/public-address.js';
import { type Remote, serverCardOf, type ServerCard } from './server-card.js';

/** Maximum length of the URL of an icon in the registry, in characters. */
const MAX_ICON_URL = 255;
const ICON_TYPES: ReadonlySet<string | undefined> = new Set([
  undefined,
  'image/png',
  'image/jpeg',
  'image/jpg',
  'image/svg+xml',
  'image/webp',
]);

/** Entry of the MCP registry, `server.json`. */
export interface ServerJson extends Omit<ServerCard, 'remotes'> {
  readonly remotes: readonly Omit<Remote, 'supportedProtocolVersions'>[];
}

/** Describes the server for the registry, which accepts less than a Server Card may contain. */
export function serverJsonOf(configuration: Configuration): ServerJson {
  const { remotes, websiteUrl, icons = [], ...card } = serverCardOf(configuration);
  const shown = icons.filter(
    ({ src, mimeType }) => src.startsWith('https:') && src.length <= MAX_ICON_URL && ICON_TYPES.has(mimeType),
  );
  return {
    ...card,
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    ...(websiteUrl?.startsWith('https:') && { websiteUrl }),
    ...(shown.length > 0 && { icons: shown }),
    remotes: remotes.map(({ type, url }) => ({ type, url })),
  };
}

/** Returns why the registry would refuse the entry, each with its fix. */
export function registryProblems({ resource }: Configuration): string[] {
  const { protocol, hostname } = new URL(resource.url);
  return protocol === 'https:' && !isPrivateHost(hostname)
    ? []
    : [
        `RESOURCE_URL is ${resource.url}, which is not a public https URL. Set the public https URL of the endpoint.`,
      ];
}

/** Returns what a publisher may want to set first, each with the reason. */
export function registryWarnings({ server }: Configuration): string[] {
  return [
    ...(server.version === undefined
      ? [
          'SERVER_VERSION is not set: the entry has the version of Aerie. The registry accepts each version once.',
        ]
      : []),
    ...(server.description === undefined
      ? ['SERVER_DESCRIPTION is not set: say in 100 characters what the tools do.']
      : []),
  ];
}
