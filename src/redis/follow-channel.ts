import { credentialsIn, replaceCredentials } from './credentials.js';
import { isCluster, type Redis } from './redis.js';

/** Handlers for events of a channel. */
export interface ChannelHandlers {
  readonly onMessage: (text: string) => void;
  /** Called after each subscription, including resubscriptions. Earlier messages may have been missed. */
  readonly onSubscribed?: () => void;
}

/** Part of a connection that a subscription needs. */
interface Subscriber extends Pick<NodeJS.EventEmitter, 'on' | 'off'>, Pick<Redis, 'disconnect'> {
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
  // A Cluster has a connection for subscriptions, moves it to another node, and subscribes there again.
  if (isCluster(redis)) return follow(redis, channel, handlers);
  // Subscribes again by itself, and sees whether that fails. ioredis would also do so, and leave a rejection unhandled.
  const subscriber = redis.duplicate({ autoResubscribe: false });
  subscriber.on('error', () => {}); // the original connection logs the error
  subscriber.on('close', () => replaceCredentials(subscriber, credentialsIn(redis)));
  // A subscriber sends nothing, so it would not notice a server that no longer answers.
  const reconnect = (): void => {
    if (subscriber.status === 'ready') subscriber.disconnect(true);
  };
  redis.on('close', reconnect);
  const leave = follow(subscriber, channel, handlers);
  return () => {
    leave();
    redis.off('close', reconnect);
    subscriber.disconnect();
  };
}

function follow(
  subscriber: Subscriber,
  channel: string,
  { onMessage, onSubscribed }: ChannelHandlers,
): () => void {
  const subscribe = (): void => {
    subscriber.subscribe(channel).then(
      () => onSubscribed?.(),
      () => subscriber.disconnect(true),
    );
  };
  const receive = (from: string, text: string): void => {
    if (from === channel) onMessage(text);
  };
  subscriber.on('ready', subscribe);
  subscriber.on('message', receive);
  if (subscriber.status === 'ready') subscribe();
  return () => {
    subscriber.off('ready', subscribe);
    subscriber.off('message', receive);
  };
}
