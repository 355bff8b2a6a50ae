import type { Redis } from 'ioredis';

/** What is to be done about a channel. */
export interface ChannelHandlers {
  readonly onMessage: (text: string) => void;
  /** The subscription stands, again: what was published while it did not has been missed. */
  readonly onSubscribed?: () => void;
}

/**
 * Hears what is published on a channel, over a connection of its own: one that listens can do nothing else. It
 * reconnects for ever.
 *
 * @param redis whose settings it has
 *
 * @returns what ends it
 */
export function followChannel(
  redis: Redis,
  channel: string,
  { onMessage, onSubscribed }: ChannelHandlers,
): () => void {
  const subscriber = redis.duplicate();
  subscriber.on('error', () => {}); // the connection that it was made after says so
  subscriber.on('ready', () => {
    subscriber.subscribe(channel).then(
      () => onSubscribed?.(),
      () => subscriber.disconnect(true),
    );
  });
  subscriber.on('message', (_channel, text) => onMessage(text));
  return () => subscriber.disconnect();
}
