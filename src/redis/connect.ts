import { Logger } from '@nestjs/common';
import { Cluster, Redis as Single, type RedisOptions } from 'ioredis';

import type { RedisSettings } from '../config/sections/redis.js';
import { connectionProblem } from '../values/connection-problem.js';
import { credentialsOf } from './credentials.js';
import type { Redis, RedisLogger } from './redis.js';

/** Timeout of a command. */
const COMMAND_TIMEOUT_MS = 500;
/** Message of ioredis for a command that has timed out. */
const TIMED_OUT = 'Command timed out';
const CONNECT_TIMEOUT_MS = 2_000;
const MAX_RETRY_DELAY_MS = 1_000;
/** Maximum time without any answer before a server counts as lost. Another one may have taken its place. */
const MAX_SILENCE_MS = 3_000;
/** Maximum time that ioredis waits for a connection to close, even if the connection is already lost. */
const DISCONNECT_TIMEOUT_MS = 100;

const retryStrategy = (attempt: number): number => Math.min(attempt * 50, MAX_RETRY_DELAY_MS);

const COMMON: RedisOptions = {
  maxRetriesPerRequest: 0,
  connectTimeout: CONNECT_TIMEOUT_MS,
  commandTimeout: COMMAND_TIMEOUT_MS,
  disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  // Only while an answer is due. A host that is gone for good would otherwise keep the connection for many minutes.
  socketTimeout: MAX_SILENCE_MS,
  // A former master still accepts connections. Reconnect to the new one. Scripts of Redis 6 put a text before the code.
  reconnectOnError: ({ message }) => /\bREADONLY\b/.test(message),
};

/** Opens a connection that always reconnects, and logs when Redis becomes unreachable and reachable again. */
export function connect(settings: RedisSettings, logger: RedisLogger = new Logger('Redis')): Redis {
  let reachable = true;
  const redis = open(settings);
  readBeforeTimeouts(redis);
  redis.on('error', (error: Error & { readonly lastNodeError?: unknown }) => {
    // The message of a Cluster says only that no node has answered.
    const problem = connectionProblem(error.lastNodeError ?? error);
    if (reachable) logger.error(`Redis cannot be reached: ${problem}`);
    reachable = false;
  });
  redis.on('ready', () => {
    if (!reachable) logger.log('Redis can be reached again.');
    reachable = true;
  });
  return redis;
}

function open(settings: RedisSettings): Redis {
  const { kind, nodes, master, database } = settings;
  const [first] = nodes;
  const common = {
    ...COMMON,
    ...credentialsOf(settings),
    enableOfflineQueue: false,
    retryStrategy,
    db: database,
  };
  switch (kind) {
    case 'server':
      return new Single({ ...common, ...first });
    case 'sentinel':
      return new Single({
        ...common,
        sentinels: [...nodes],
        name: master,
        sentinelRetryStrategy: retryStrategy,
      });
    case 'cluster':
      return openCluster(settings);
    default:
      return kind satisfies never;
  }
}

/**
 * Lets commands time out one turn of the event loop later. Answers that arrived while this process was busy or suspended
 * are read before.
 */
function readBeforeTimeouts(redis: Pick<Cluster, 'sendCommand'>): void {
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (...parameters) => {
    const [command] = parameters;
    const { reject } = command;
    command.reject = (error) => {
      if (error.message === TIMED_OUT) setImmediate(reject, error);
      else reject(error);
    };
    return send(...parameters);
  };
}

function openCluster(settings: RedisSettings): Cluster {
  const redisOptions = { ...COMMON, ...credentialsOf(settings) };
  const cluster = new Cluster([...settings.nodes], {
    redisOptions,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    // Certificates contain names. By default, ioredis would connect to the addresses behind them.
    ...(settings.tls && { dnsLookup: (host, done) => done(null, host) }),
  });
  // Each node gets a copy of the options at the start. Its connection is opened after this event.
  cluster.on('+node', (node: Single) => Object.assign(node.options, redisOptions));
  return cluster;
}
