import { isIP } from 'node:net';

import type { Configuration } from '../../config/configuration.js';
import { shortened } from '../../values/shortened.js';
import { identityOf } from '../server/identity.js';
import { LEGACY_REVISIONS, MODERN_REVISION } from '../wire/revisions.js';
import { withoutSlash } from '../../values/without-slash.js';

/** Maximum length of a description and a title, in characters. */
const MAX_TEXT = 100;
const MAX_VERSION = 255;
const MAX_NAME = 200;

/** First revision with the transport of the endpoint. */
const FIRST_REVISION = '2025-03-26';
const SSE_REVISION = '2024-11-05';

const REVISIONS = [MODERN_REVISION, ...[...LEGACY_REVISIONS].filter((one) => one >= FIRST_REVISION)];

/** Name in reverse-DNS form. */
const FULL_NAME = /^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/;

/** Address of a server, with the revisions that it speaks there. */
export interface Remote {
  readonly type: 'streamable-http' | 'sse';
  readonly url: string;
  readonly supportedProtocolVersions: readonly string[];
}

/** Server Card (SEP-2127): how clients and catalogs describe a server before they connect. */
export interface ServerCard {
  readonly $schema: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly title?: string;
  readonly websiteUrl?: string;
  readonly icons?: Configuration['server']['icons'];
  readonly remotes: readonly Remote[];
}

/** Describes the server. Everything in it is public anyway: no tools, no scopes, no internal addresses. */
export function serverCardOf(configuration: Configuration): ServerCard {
  const { title, version, websiteUrl, icons } = identityOf(configuration);
  const { server } = configuration;
  return {
    $schema: 'https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json',
    name: fullNameOf(configuration),
    version: cut(version, MAX_VERSION),
    description: server.description ?? cut(`The tools of ${title ?? server.name} for AI clients.`, MAX_TEXT),
    ...(title !== undefined && { title: cut(title, MAX_TEXT) }),
    ...(websiteUrl !== undefined && { websiteUrl }),
    ...(icons && { icons }),
    remotes: remotesOf(configuration),
  };
}

/** Returns the name in reverse-DNS form, such as `com.example.mcp/orders` for `orders` at `mcp.example.com`. */
function fullNameOf({ server: { name }, resource }: Configuration): string {
  if (FULL_NAME.test(name) && name.length <= MAX_NAME) return name;
  const { hostname } = new URL(resource.url);
  const isAddress = isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0;
  const namespace = isAddress
    ? hostname.replaceAll(/[^\d.a-f]/g, '-')
    : hostname.split('.').toReversed().join('.');
  const own = name.replaceAll(/[^a-zA-Z0-9._-]+/g, '-').replaceAll(/^[._-]+|[._-]+$/g, '');
  return `${namespace}/${own === '' ? 'mcp' : own.slice(0, MAX_TEXT)}`;
}

function remotesOf({ resource: { url }, sessions }: Configuration): Remote[] {
  const endpoint: Remote = { type: 'streamable-http', url, supportedProtocolVersions: REVISIONS };
  if (!sessions.sse) return [endpoint];
  const sse = `${withoutSlash(url)}/sse`;
  return [endpoint, { type: 'sse', url: sse, supportedProtocolVersions: [SSE_REVISION] }];
}

/** Cuts a text so that it has the maximum length with the ellipsis. */
const cut = (text: string, maxLength: number): string =>
  text.length > maxLength ? shortened(text, maxLength - 1) : text;
