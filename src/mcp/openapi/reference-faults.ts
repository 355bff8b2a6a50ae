import { isRecord } from '../../values/is-record.js';
import { messageOf } from '../../values/trace-of.js';
import { targetOf } from '../controllers/api-document.js';

/** Members with data of any form. */
const DATA = /^(x-.*|examples?|default|enum|const)$/;

/** Finds references that lead out of a document or nowhere, each once. Takes time and memory in proportion to its size. */
export function referenceFaults(root: Record<string, unknown>): string[] {
  const faults = new Map<string, string>();
  const pending: unknown[] = [root];
  // An object may contain itself, or another one many times.
  const seen = new Set<object>();
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const reference: unknown = isRecord(value) ? value['$ref'] : undefined;
    if (typeof reference === 'string' && !faults.has(reference)) {
      const fault = faultOf(root, reference);
      if (fault !== undefined) faults.set(reference, fault);
    }
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'object' && !DATA.test(name)) pending.push(member);
    }
  }
  return [...faults.values()];
}

/** Anchors are resolved where an operation uses them. */
function faultOf(root: Record<string, unknown>, reference: string): string | undefined {
  if (/^#[^/]/.test(reference)) return undefined;
  try {
    return void targetOf(root, reference);
  } catch (error) {
    return messageOf(error);
  }
}
