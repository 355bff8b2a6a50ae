import { connect } from './redis.module.js';

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
 * @returns what ends it
 */
export function followChannel(
  url: string,
  channel: string,
  { onMessage, onSubscribed }: ChannelHandlers,
): () => void {
  const subscriber = connect(url, false);
  subscriber.on('ready', () => {
    subscriber.subscribe(channel).then(
      () => onSubscribed?.(),
      () => subscriber.disconnect(true),
    );
  });
  subscriber.on('message', (_channel, text) => onMessage(text));
  return () => subscriber.disconnect();
}
