import { createMcpHandler, type Server, type ServerEventBus } from '@modelcontextprotocol/server';

import { notificationsIn } from './listen-request.js';
import { errorIn, eventsOf } from './web-messages.js';

/** Subscription that the SDK has accepted. */
export interface Subscription {
  /** Members of the filter that are granted. */
  readonly granted: Readonly<Record<string, unknown>>;
  /** First message of the stream. */
  readonly acknowledgement: object;
  /** Last message of the stream, the result of the request. */
  readonly result: object;
}

const NO_EVENTS: ServerEventBus = { publish: () => {}, subscribe: () => () => {} };

/**
 * Lets the SDK check a request to listen. Returns the first and the last message of its stream.
 *
 * The SDK's own stream ends at once: it would need several times the memory of the connection.
 *
 * @throws {JsonRpcError} when the SDK refuses the request
 */
export async function subscribe(server: Server, request: Request, body: unknown): Promise<Subscription> {
  const handler = createMcpHandler(() => server, { legacy: 'reject', keepAliveMs: 0, bus: NO_EVENTS });
  const answer = await handler.fetch(request, { parsedBody: body });
  const events = eventsOf(answer);
  if (!events) throw errorIn(await answer.text(), answer.status);
  await handler.close();
  const messages: object[] = [];
  for await (const message of events) messages.push(message);
  const [acknowledgement, result] = messages;
  if (!acknowledgement || !result) throw new Error('The SDK has not acknowledged a request to listen.');
  return { granted: notificationsIn(acknowledgement), acknowledgement, result };
}
