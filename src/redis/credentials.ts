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
    tls: { ...tls },
    sentinelTLS: { ...tls },
    enableTLSForSentinelMode: true,
  };
  return { username, password, sentinelUsername, sentinelPassword, ...encryption };
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
