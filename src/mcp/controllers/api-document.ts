import { isRecord } from '../../values/is-record.js';
import { recordIn } from '../../values/record-in.js';
import { resolved } from '../catalog/published-schema/references.js';

/** Object of an OpenAPI document. */
export type Node = Readonly<Record<string, unknown>>;

/** Validated OpenAPI document. */
export interface ApiDocument {
  readonly root: Record<string, unknown>;
  /** Whether schemas follow OpenAPI 3.0, which differs from JSON Schema. */
  readonly is30: boolean;
}

/** Maximum number of references that lead to each other. */
const MAX_HOPS = 16;

/**
 * Follows a reference within the document.
 *
 * @throws {Error} when it leads elsewhere, nowhere, or in a circle
 */
export function follow({ root }: ApiDocument, node: unknown): Node {
  let found = node;
  for (let hops = 0; isRecord(found) && typeof found['$ref'] === 'string'; hops++) {
    if (hops === MAX_HOPS)
      throw new Error(`has a reference that leads in a circle: ${shorten(found['$ref'])}.`);
    found = targetOf(root, found['$ref']);
  }
  return recordIn(found);
}

/** @throws {Error} when the reference leads out of the document, or nowhere */
export function targetOf(root: Record<string, unknown>, reference: string): Record<string, unknown> {
  if (!reference.startsWith('#')) {
    throw new Error(
      `refers to ${shorten(reference)}, and other documents are never read. Bundle them into one, for example with: npx @redocly/cli bundle.`,
    );
  }
  const target = resolved(root, reference);
  if (!target) throw new Error(`refers to ${shorten(reference)}, which does not exist.`);
  return target;
}

const shorten = (text: string): string => text.slice(0, 200);

/** Text without the tags of HTML that some documents have. */
export const plainText = (text: string): string => text.replaceAll(/<\/?[a-z][^<>]*>/gi, '').trim();

export const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
