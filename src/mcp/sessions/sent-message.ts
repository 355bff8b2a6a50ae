import { isRecord } from '../is-record.js';
import { messageText } from '../transport/message-text.js';
import { methodOf } from '../transport/messages.js';

/** A message on its way to a client, as text: a result of many small objects takes twenty times as much. */
export interface SentMessage {
  /** JSON. */
  readonly text: string;
  readonly isNotification: boolean;
  /** The resource that the message is about; undefined for any other message. */
  readonly updatedResource: string | undefined;
}

export const sentMessage = (message: object): SentMessage => ({
  text: messageText(message),
  isNotification: 'method' in message && !('id' in message),
  updatedResource: updatedIn(message),
});

/** Whether a message may be sent: news of a resource go only to those who may read it. */
export const mayHear = ({ updatedResource }: SentMessage, mayRead: (uri: string) => boolean): boolean =>
  updatedResource === undefined || mayRead(updatedResource);

function updatedIn(message: object): string | undefined {
  if (methodOf(message) !== 'notifications/resources/updated' || !('params' in message)) return undefined;
  const uri = isRecord(message.params) ? message.params['uri'] : undefined;
  return typeof uri === 'string' ? uri : undefined;
}
