import { JsonRpcError, REFUSED } from './json-rpc-error.js';

/** Response formats that a client accepts. At least one is true. */
export interface AcceptedForms {
  readonly json: boolean;
  readonly eventStream: boolean;
}

const BOTH: AcceptedForms = { json: true, eventStream: true };
const USUAL_HEADER = 'application/json, text/event-stream';
const JSON_RANGES = new Set(['application/json', 'application/*', '*/*']);
const STREAM_RANGES = new Set(['text/event-stream', 'text/*', '*/*']);

/**
 * Parses an `Accept` header (RFC 9110 §12.5.1). MCP clients should list both formats, but several list only one.
 *
 * @throws {JsonRpcError} 406 when the header allows neither
 */
export function acceptedForms(accept: string | undefined): AcceptedForms {
  if (accept === undefined || accept === USUAL_HEADER) return BOTH;
  const ranges = accept
    .toLowerCase()
    .split(',')
    .map((range) => range.split(';').map((part) => part.trim()))
    .filter(([, ...parameters]) => !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)))
    .map(([type = '']) => type);
  const forms = {
    json: ranges.some((range) => JSON_RANGES.has(range)),
    eventStream: ranges.some((range) => STREAM_RANGES.has(range)),
  };
  if (forms.json || forms.eventStream) return forms;
  throw new JsonRpcError(
    'not_acceptable',
    406,
    REFUSED,
    'The client must accept application/json or text/event-stream.',
  );
}

/** @throws {JsonRpcError} 406 when the client does not accept an event stream, which is the only response */
export function requireEventStream({ eventStream }: AcceptedForms): void {
  if (eventStream) return;
  throw new JsonRpcError('not_acceptable', 406, REFUSED, 'The client must accept text/event-stream.');
}
