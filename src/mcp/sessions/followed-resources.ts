import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import type { Subscriptions } from '../transport/sdk-servers.js';

/** How many resources a session may follow. */
const MOST = 1_000;

/** The resources whose updates a session wants to hear of. */
export class FollowedResources implements Subscriptions {
  readonly uris = new Set<string>();

  /** @throws {ProtocolError} `-32602` when there are too many */
  subscribe(uri: string): void {
    if (this.uris.size >= MOST && !this.uris.has(uri)) {
      const text = `A session may subscribe to ${MOST} resources at most.`;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
    }
    this.uris.add(uri);
  }

  unsubscribe(uri: string): void {
    this.uris.delete(uri);
  }
}
