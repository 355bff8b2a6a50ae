import { isRecord } from '../../values/is-record.js';
import { messageText } from '../wire/message-text.js';
import { methodOf } from '../wire/messages.js';

/** Message to a client, as text. A result of many small objects would take twenty times as much memory. */
export interface SentMessage {
  /** JSON. */
  readonly text: string;
  readonly isNotification: boolean;
  readonly isResponse: boolean;
  /** URI in a notification of an updated resource; undefined for other messages. */
  readonly updatedResource: string | undefined;
}

export const sentMessage = (message: object): SentMessage => ({
  text: messageText(message),
  isNotification: 'method' in message && !('id' in message),
  isResponse: !('method' in message),
  updatedResource: updatedIn(message),
});

/** Whether a message may be sent. Updates of a resource go only to callers that may read the resource. */
export const mayHear = ({ updatedResource }: SentMessage, mayRead: (uri: string) => boolean): boolean =>
  updatedResource === undefined || mayRead(updatedResource);

function updatedIn(message: object): string | undefined {
  if (methodOf(message) !== 'notifications/resources/updated' || !('params' in message)) return undefined;
  const uri = isRecord(message.params) ? message.params['uri'] : undefined;
  return typeof uri === 'string' ? uri : undefined;
}
