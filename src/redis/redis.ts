import type { Cluster, Redis as Single } from 'ioredis';

/** Connection to a Redis server, to the master that Sentinels name, or to a Redis Cluster. */
export type Redis = Single | Cluster;

export const isCluster = (redis: Redis): redis is Cluster => redis.isCluster;
