import type { JSONRPCRequest } from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';

/** Parameters of a call that is valid without a look at the SDK's schemas. */
export interface PlainCall {
  readonly name: string;
  readonly arguments?: Record<string, unknown>;
}

const PARAMETERS = new Set(['name', 'arguments']);

/**
 * Returns the parameters of a `tools/call` with a name and arguments only, as nearly all have them. Returns undefined for
 * all others, which the SDK checks.
 */
export function plainCall({ params }: JSONRPCRequest): PlainCall | undefined {
  if (!isRecord(params)) return undefined;
  for (const name in params) if (!PARAMETERS.has(name)) return undefined;
  const { name, arguments: input } = params;
  if (typeof name !== 'string') return undefined;
  if (input === undefined) return { name };
  // The SDK drops this member.
  if (!isRecord(input) || Object.hasOwn(input, '__proto__')) return undefined;
  return { name, arguments: input };
}
