import {
  type Implementation,
  Server,
  type ServerOptions,
  type Transport,
} from '@modelcontextprotocol/server';

import { withClientError } from './client-errors.js';
import type { Era } from '../wire/revisions.js';

/** Server that sends errors with readable messages and the codes of its revision. */
export class ReadableServer extends Server {
  constructor(
    private readonly era: Era,
    identity: Implementation,
    options: ServerOptions,
  ) {
    super(identity, options);
  }

  override async connect(transport: Transport): Promise<void> {
    const send = transport.send.bind(transport);
    const sendReadable: typeof send = (message, options) => send(withClientError(message, this.era), options);
    transport.send = sendReadable;
    await super.connect(transport);
  }
}
