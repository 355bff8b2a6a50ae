import { JsonRpcError, REFUSED } from './json-rpc-error.js';

/** Response formats that a client accepts. At least one is true. */
export interface AcceptedForms {
  readonly json: boolean;
  readonly eventStream: boolean;
}

const BOTH: AcceptedForms = { json: true, eventStream: true };
const USUAL_HEADER = 'application/json, text/event-stream';
/** Ranges that match each form. The most specific range comes first. */
const JSON_RANGES = ['application/json', 'application/*', '*/*'];
const STREAM_RANGES = ['text/event-stream', 'text/*', '*/*'];

/**
 * Parses an `Accept` header (RFC 9110 §12.5.1). MCP clients should list both formats, but several list only one.
 *
 * @throws {JsonRpcError} 406 when the header allows neither
 */
export function acceptedForms(accept: string | undefined): AcceptedForms {
  if (accept === undefined || accept === USUAL_HEADER) return BOTH;
  const allowed = new Map<string, boolean>();
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const isAllowed = !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    allowed.set(type, isAllowed || allowed.get(type) === true);
  }
  const accepts = (ranges: readonly string[]): boolean => {
    const mostSpecific = ranges.find((range) => allowed.has(range));
    return mostSpecific !== undefined && allowed.get(mostSpecific) === true;
  };
  const forms = { json: accepts(JSON_RANGES), eventStream: accepts(STREAM_RANGES) };
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
