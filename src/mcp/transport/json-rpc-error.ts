import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';

import type { Reason } from '../../logging/reason.js';
import { setReason } from '../../logging/refusal.js';
import { jsonText } from '../json-text.js';

/** JSON-RPC has no code for a refused HTTP message, nor for a limit (JSON-RPC 2.0 §5.1: -32000 is the server's own). */
export const REFUSED = -32_000;

/** A request that is refused before it reaches the protocol, answered as a JSON-RPC error. */
export class JsonRpcError extends Error {
  override readonly name = 'JsonRpcError';

  constructor(
    readonly reason: Reason,
    readonly httpStatus: number,
    /** JSON-RPC 2.0 §5.1; {@link REFUSED} where the specification has no code of its own. */
    readonly code: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    readonly details: {
      /** Whatever the code of a client may want to know. */
      readonly data?: unknown;
      /** Of the request that it answers; null where that is not known, or not one. */
      readonly id?: string | number | null;
    } = {},
  ) {
    super(message);
  }
}

@Catch(JsonRpcError)
export class JsonRpcErrorFilter implements ExceptionFilter<JsonRpcError> {
  catch(error: JsonRpcError, host: ArgumentsHost): void {
    sendJsonRpcError(host.switchToHttp().getResponse<Response>(), error);
  }
}

/** The JSON-RPC response to a message that is refused. */
export const responseOf = ({ code, message, details }: JsonRpcError): object => ({
  jsonrpc: '2.0',
  error: { code, message, data: details.data },
  id: details.id ?? null,
});

/** Answers by Node's own means: refusals are what a flood gets most, and Express would compute an ETag for each. */
export function sendJsonRpcError(response: Response, error: JsonRpcError): void {
  setReason(response, error.reason);
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.statusCode = error.httpStatus;
  response.end(jsonText(responseOf(error)));
}
