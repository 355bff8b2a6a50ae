import type { Redis } from 'ioredis';

/** Handlers for events of a channel. */
export interface ChannelHandlers {
  readonly onMessage: (text: string) => void;
  /** Called after each subscription, including resubscriptions. Earlier messages may have been missed. */
  readonly onSubscribed?: () => void;
}

/**
 * Subscribes to a channel over a separate connection, because a subscribed connection cannot run other commands. The
 * connection always reconnects.
 *
 * @param redis connection whose settings are used
 * @returns a function that unsubscribes
 */
export function followChannel(
  redis: Redis,
  channel: string,
  { onMessage, onSubscribed }: ChannelHandlers,
): () => void {
  const subscriber = redis.duplicate();
  subscriber.on('error', () => {}); // the original connection logs the error
  subscriber.on('ready', () => {
    subscriber.subscribe(channel).then(
      () => onSubscribed?.(),
      () => subscriber.disconnect(true),
    );
  });
  subscriber.on('message', (_channel, text) => onMessage(text));
  return () => subscriber.disconnect();
}
