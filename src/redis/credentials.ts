import { isIP } from 'node:net';

import type { Redis as Single, RedisOptions } from 'ioredis';

import type { RedisSettings } from '../config/sections/redis.js';
import { isCluster, type Redis } from './redis.js';

type Credentials = Pick<
  RedisOptions,
  | 'username'
  | 'password'
  | 'tls'
  | 'sentinelUsername'
  | 'sentinelPassword'
  | 'sentinelTLS'
  | 'enableTLSForSentinelMode'
>;

/** Returns the options of ioredis with which a connection identifies itself and its server. */
export function credentialsOf(settings: RedisSettings): Credentials {
  const { username, password, sentinelUsername, sentinelPassword, tls } = settings;
  const encryption = tls && {
    tls: { ...tls, servername: tls.servername ?? hostNameOf(settings) },
    sentinelTLS: { ...tls },
    enableTLSForSentinelMode: true,
  };
  return { username, password, sentinelUsername, sentinelPassword, ...encryption };
}

/**
 * Returns the name that a single server gets for SNI, without a trailing dot (RFC 6066 §3). ioredis does not set it. The
 * options of Sentinels and of the nodes of a Cluster are shared, so their name must be configured.
 */
function hostNameOf({ kind, nodes: [node] }: RedisSettings): string | undefined {
  return kind === 'server' && node && isIP(node.host) === 0 ? node.host.replace(/\.$/, '') : undefined;
}

/** Returns the credentials of a connection. */
export const credentialsIn = ({
  options: { username, password, tls, sentinelUsername, sentinelPassword, sentinelTLS },
}: Single): Credentials => ({
  username,
  password,
  sentinelUsername,
  sentinelPassword,
  ...(tls && { tls, sentinelTLS, enableTLSForSentinelMode: true }),
});

/** Makes a connection use other credentials from its next reconnection on. */
export function replaceCredentials(redis: Redis, credentials: Credentials): void {
  if (!isCluster(redis)) {
    Object.assign(redis.options, credentials);
    return;
  }
  Object.assign(redis.options.redisOptions ?? {}, credentials);
  // The connection for subscriptions takes those of any node.
  for (const node of redis.nodes()) Object.assign(node.options, credentials);
}

/** Whether only the credentials of settings differ. */
export const haveSameServers = (one: RedisSettings, other: RedisSettings): boolean =>
  JSON.stringify(serversOf(one)) === JSON.stringify(serversOf(other));

const serversOf = ({ kind, nodes, master, database, tls }: RedisSettings): object => ({
  kind,
  nodes,
  master,
  database,
  isEncrypted: tls !== undefined,
});
