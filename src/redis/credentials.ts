import type { Redis as Single, RedisOptions } from 'ioredis';

import type { RedisSettings } from '../config/sections/redis.js';
import type { Redis } from './redis.js';

type Credentials = Pick<
  RedisOptions,
  'username' | 'password' | 'tls' | 'sentinelPassword' | 'sentinelTLS' | 'enableTLSForSentinelMode'
>;

/** Returns the options of ioredis with which a connection identifies itself and its server. */
export function credentialsOf({ username, password, sentinelPassword, tls }: RedisSettings): Credentials {
  const encryption = tls && {
    tls: { ...tls },
    sentinelTLS: { ...tls },
    enableTLSForSentinelMode: true,
  };
  return { username, password, sentinelPassword, ...encryption };
}

/** Returns the credentials of a connection. */
export const credentialsIn = ({
  options: { username, password, tls, sentinelPassword, sentinelTLS },
}: Single): Credentials => ({
  username,
  password,
  sentinelPassword,
  ...(tls && { tls, sentinelTLS, enableTLSForSentinelMode: true }),
});

/** Makes a connection use other credentials from its next reconnection on. */
export function replaceCredentials(redis: Redis, credentials: Credentials): void {
  const { options } = redis;
  Object.assign('redisOptions' in options ? (options.redisOptions ?? {}) : options, credentials);
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
