import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import type { HeldBytes } from '../../limits/byte-budget.js';
import { memoryOf } from '../../limits/kept-bytes.js';
import type { Subscriptions } from '../server/sdk-servers.js';

/** Maximum number of resources that a session may subscribe to. */
const MAX_RESOURCES = 1_000;

/** Resources that a session is subscribed to. */
export class FollowedResources implements Subscriptions {
  readonly uris = new Set<string>();

  /** @param held account that is charged for the URIs */
  constructor(private readonly held: HeldBytes) {}

  /** @throws {ProtocolError} `-32602` when there are too many resources, or their URIs are too long */
  subscribe(uri: string): void {
    if (this.uris.has(uri)) return;
    if (this.uris.size >= MAX_RESOURCES) {
      const text = `A session may subscribe to at most ${MAX_RESOURCES} resources. Unsubscribe from some first.`;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
    }
    if (this.held.add(memoryOf([uri])) !== undefined) {
      const text = 'The URIs of your subscriptions take too much memory. Unsubscribe from some first.';
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
    }
    this.uris.add(uri);
  }

  unsubscribe(uri: string): void {
    if (this.uris.delete(uri)) this.held.resize(memoryOf(this.uris));
  }

  /** Unsubscribes from all resources. */
  end(): void {
    this.uris.clear();
    this.held.release();
  }
}
