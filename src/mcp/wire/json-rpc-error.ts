import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';

import type { Reason } from '../../logging/reason.js';
import { setReason } from '../../logging/refused-response.js';
import { jsonText } from '../../values/json-text.js';
import { endWithJson } from './end-response.js';

/** Code for refused requests and limits. JSON-RPC 2.0 §5.1 defines none and reserves -32000 for servers. */
export const REFUSED = -32_000;

/** Thrown when a request is refused before it reaches the protocol. The response is a JSON-RPC error. */
export class JsonRpcError extends Error {
  override readonly name = 'JsonRpcError';

  constructor(
    readonly reason: Reason,
    readonly httpStatus: number,
    /** Code of JSON-RPC 2.0 §5.1; {@link REFUSED} if the specification defines none. */
    readonly code: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    readonly details: {
      /** Details for programs. */
      readonly data?: unknown;
      /** ID of the request that the error answers; null if there is none or several. */
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

/** Returns the JSON-RPC response of an error. */
export const responseOf = ({ code, message, details }: JsonRpcError): object => ({
  jsonrpc: '2.0',
  error: { code, message, data: details.data },
  id: details.id ?? null,
});

/** Sends an error. */
export function sendJsonRpcError(response: Response, error: JsonRpcError): void {
  setReason(response, error.reason);
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  endWithJson(response, error.httpStatus, jsonText(responseOf(error)));
}
