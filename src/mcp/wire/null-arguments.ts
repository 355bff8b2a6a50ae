import { isRecord } from '../../values/is-record.js';

/**
 * Removes each `null` that stands for an absent argument, or for absent `params`, `_meta` or `progressToken`. Several
 * clients send such nulls. Changes the message in place, before validation. Arguments of tools keep their nulls: only
 * the schema of a tool tells which arguments may be null.
 */
export function dropNullArguments(message: unknown): void {
  if (!isRecord(message)) return;
  dropIfNull(message, 'params');
  const { params } = message;
  if (!isRecord(params)) return;
  dropIfNull(params, '_meta');
  const { _meta: meta } = params;
  if (isRecord(meta)) dropIfNull(meta, 'progressToken');
  switch (message['method']) {
    case 'tools/call':
      dropIfNull(params, 'arguments');
      break;
    case 'prompts/get':
      dropIfNull(params, 'arguments');
      dropNullMembers(params['arguments']);
      break;
    case 'completion/complete': {
      dropIfNull(params, 'context');
      const { context } = params;
      if (isRecord(context)) dropNullMembers(context['arguments']);
      break;
    }
    default:
  }
}

/** Removes null members. Arguments of prompts are strings, so none may be null. */
function dropNullMembers(record: unknown): void {
  if (!isRecord(record)) return;
  for (const name of Object.keys(record)) dropIfNull(record, name);
}

function dropIfNull(record: Record<string, unknown>, name: string): void {
  if (record[name] === null) delete record[name];
}
