import type { ReadMessage } from '../logging/refused-response.js';
import type { EndedRequest } from '../observation/observer.js';

/** Methods whose messages are observed as calls, unless they are refused before. */
const CALLS: ReadonlySet<string> = new Set([
  'tools/call',
  'resources/read',
  'prompts/get',
  'completion/complete',
]);

/** JSON-RPC message with a method: a request or a notification. */
type Sent = ReadMessage & { readonly method: string };

const NONE: readonly Sent[] = [];

/**
 * Returns the messages of a request that no call stands for. Of a batch in which only some calls were begun, nobody knows
 * which: the first ones count as begun.
 */
export function unobservedMessages({
  messages,
  calls,
}: Pick<EndedRequest, 'messages' | 'calls'>): readonly Sent[] {
  if (calls === 1 && messages.length === 1) return NONE;
  let begun = calls;
  const isUnobserved = (message: ReadMessage): message is Sent =>
    message.method !== undefined && !(CALLS.has(message.method) && begun-- > 0);
  return messages.filter(isUnobserved);
}
