import type { Cluster, Redis as Single } from 'ioredis';

/** Is told when Redis becomes unreachable and reachable again. */
export interface RedisLogger {
  log(message: string): void;
  error(message: string): void;
}

/** For commands that report the failure themselves. */
export const NO_LOG: RedisLogger = { log: () => undefined, error: () => undefined };

/** Connection to a Redis server, to the master that Sentinels name, or to a Redis Cluster. */
export type Redis = Single | Cluster;

export const isCluster = (redis: Redis): redis is Cluster => redis.isCluster;
