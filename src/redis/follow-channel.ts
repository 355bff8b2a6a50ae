import { Logger } from '@nestjs/common';
import type { Cluster } from 'ioredis';

import { messageOf } from '../values/trace-of.js';
import { credentialsIn, replaceCredentials } from './credentials.js';
import { isCluster, type Redis } from './redis.js';

/** Delay before a failed subscription is repeated. Doubles each time. */
const RETRY_DELAY_MS = 1_000;
/** Maximum of that delay after a lost connection, and while Redis refuses the subscription. */
const MAX_LOST_DELAY_MS = 5_000;
const MAX_REFUSED_DELAY_MS = 60_000;

/** Handlers for events of a channel. */
export interface ChannelHandlers {
  readonly onMessage: (text: string) => void;
  /** Called after each subscription, including resubscriptions. Earlier messages may have been missed. */
  readonly onSubscribed?: () => void;
}

/** Part of a connection that a subscription needs. */
interface Subscriber extends Pick<NodeJS.EventEmitter, 'on' | 'off'> {
  readonly status: string;
  subscribe(channel: string): Promise<unknown>;
}

/**
 * Subscribes to a channel over a separate connection, because a subscribed connection cannot run other commands. The
 * connection always reconnects.
 *
 * @param redis connection whose settings are used
 * @returns a function that unsubscribes
 */
export function followChannel(redis: Redis, channel: string, handlers: ChannelHandlers): () => void {
  // A Cluster has a connection for subscriptions, moves it to another node, and subscribes there again. All other commands
  // need the Cluster, so it must not be disconnected.
  if (isCluster(redis)) return followInCluster(redis, channel, handlers);
  // Subscribes again by itself, and sees whether that fails. ioredis would also do so, and leave a rejection unhandled.
  const subscriber = redis.duplicate({ autoResubscribe: false });
  subscriber.on('error', () => {}); // the original connection logs the error
  subscriber.on('close', () => replaceCredentials(subscriber, credentialsIn(redis)));
  // A subscriber sends nothing, so it would not notice a server that no longer answers.
  const reconnect = (): void => {
    if (subscriber.status === 'ready') subscriber.disconnect(true);
  };
  redis.on('close', reconnect);
  const leave = follow(subscriber, channel, handlers, () => subscriber.disconnect(true));
  return () => {
    leave();
    redis.off('close', reconnect);
    subscriber.disconnect();
  };
}

/** Followers of each channel of a Cluster, by how they leave. They share its connection for subscriptions. */
const followers = new WeakMap<Cluster, Map<string, Set<() => void>>>();

function followInCluster(cluster: Cluster, channel: string, handlers: ChannelHandlers): () => void {
  const channels = followers.get(cluster) ?? new Map<string, Set<() => void>>();
  followers.set(cluster, channels);
  const all = channels.get(channel) ?? new Set();
  channels.set(channel, all);
  const leave = follow(cluster, channel, handlers);
  all.add(leave);
  return () => {
    leave();
    if (!all.delete(leave) || all.size > 0) return;
    cluster.unsubscribe(channel).catch(() => undefined); // fails only without a connection
  };
}

/** @param reconnect called when the connection has failed; undefined to subscribe again later */
function follow(
  subscriber: Subscriber,
  channel: string,
  { onMessage, onSubscribed }: ChannelHandlers,
  reconnect?: () => void,
): () => void {
  const logger = new Logger('Redis');
  let delay = RETRY_DELAY_MS;
  const told = new Set<string>();
  let hasLeft = false;
  let timer: NodeJS.Timeout | undefined;
  const subscribe = (): void => {
    clearTimeout(timer);
    if (subscriber.status !== 'ready') return;
    subscriber.subscribe(channel).then(onSuccess, onFailure);
  };
  const onSuccess = (): void => {
    if (told.size > 0) logger.log(`Redis accepts the subscription to ${channel} again.`);
    told.clear();
    delay = RETRY_DELAY_MS;
    onSubscribed?.();
  };
  const onFailure = (error: unknown): void => {
    if (hasLeft) return;
    // Not by its class, because this file is also loaded where ioredis is not installed.
    const isRefused = error instanceof Error && error.name === 'ReplyError';
    if (!isRefused && reconnect) {
      reconnect();
      return;
    }
    const problem = isRefused ? 'refuses' : 'does not answer';
    if (!told.has(problem)) {
      told.add(problem);
      logger.error(
        `Redis ${problem} the subscription to ${channel}, so messages of other instances are missed: ${messageOf(error)}`,
      );
    }
    const maxDelay = isRefused ? MAX_REFUSED_DELAY_MS : MAX_LOST_DELAY_MS;
    timer = setTimeout(subscribe, Math.min(delay, maxDelay)).unref();
    delay = Math.min(delay * 2, maxDelay);
  };
  const receive = (from: string, text: string): void => {
    if (from === channel) onMessage(text);
  };
  subscriber.on('ready', subscribe);
  subscriber.on('message', receive);
  subscribe();
  return () => {
    hasLeft = true;
    clearTimeout(timer);
    subscriber.off('ready', subscribe);
    subscriber.off('message', receive);
  };
}
