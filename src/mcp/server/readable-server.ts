import {
  type CallToolResult,
  type Implementation,
  type InputRequiredResult,
  type JSONRPCRequest,
  type Result,
  Server,
  type ServerContext,
  type ServerOptions,
  type Transport,
} from '@modelcontextprotocol/server';

import { isPlainResult } from '../invocation/plain-result.js';
import type { Era } from '../wire/revisions.js';
import { withClientError } from './client-errors.js';
import { type PlainCall, plainCall } from './plain-call.js';

type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;
type CallHandler = (call: PlainCall, context: ServerContext) => Promise<CallToolResult | InputRequiredResult>;

/** Server that sends errors with readable messages and the codes of its revision. */
export class ReadableServer extends Server {
  #callTool: CallHandler | undefined;

  constructor(
    readonly era: Era,
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

  /** Handles `tools/call`. Calls and results that are plainly valid skip the SDK's schemas, which takes 5 % of a call. */
  setCallHandler(handler: CallHandler): void {
    this.#callTool = handler;
    this.setRequestHandler('tools/call', ({ params }, context) => handler(params, context));
  }

  /** Hook of the SDK: returns a handler that also checks requests and results. The constructor calls it already. */
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const checked = super._wrapHandler(method, handler);
    const callTool = method === 'tools/call' ? this.#callTool : undefined;
    if (!callTool) return checked;
    return async (request, context) => {
      const call = context.mcpReq.requestState() === undefined ? plainCall(request) : undefined;
      if (!call) return checked(request, context);
      const result = await callTool(call, context);
      if (isPlainResult(result)) return result;
      let first: Result | undefined = result;
      // Once a legacy client has answered a question, the SDK calls the handler again.
      const checkedResult = super._wrapHandler(method, async (again, its) => {
        const given = first ?? (await handler(again, its));
        first = undefined;
        return given;
      });
      return checkedResult(request, context);
    };
  }
}
