import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import type { HeldBytes } from '../../limits/byte-budget.js';
import { memoryOf } from '../../limits/kept-bytes.js';
import type { Subscriptions } from '../transport/sdk-servers.js';

/** How many resources a session may follow. */
const MOST = 1_000;

/** The resources whose updates a session wants to hear of. */
export class FollowedResources implements Subscriptions {
  readonly uris = new Set<string>();

  /** @param held pays for the names */
  constructor(private readonly held: HeldBytes) {}

  /** @throws {ProtocolError} `-32602` when there are too many, or their names are too long */
  subscribe(uri: string): void {
    if (this.uris.has(uri)) return;
    if (this.uris.size >= MOST) {
      const text = `A session may subscribe to ${MOST} resources at most.`;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
    }
    if (this.held.add(memoryOf([uri])) !== undefined) {
      const text = 'The names of the resources that you follow take too much memory. Unsubscribe from some.';
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
    }
    this.uris.add(uri);
  }

  unsubscribe(uri: string): void {
    if (this.uris.delete(uri)) this.held.resize(memoryOf(this.uris));
  }

  /** Follows nothing any more. */
  end(): void {
    this.uris.clear();
    this.held.release();
  }
}
