import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

import {
  addTo,
  combine,
  isLive,
  keyOf,
  type Revocation,
  revocationSchema,
  type Selector,
} from './revocation.js';

/**
 * Maximum number of earlier revisions that a document names. An instance that misses more restores what it knows, also
 * what was undone meanwhile.
 */
const MAX_PREDECESSORS = 100;

/** Stored revocations: one JSON text that is always replaced as a whole. */
export interface RevocationDocument {
  /** Random id, created with the first revocation, so that a reader detects a list that was started over. */
  readonly lineage: string;
  /** Number of changes. Versions that write no `id` compare it. */
  readonly revision: number;
  /** Random id of this revision. Two processes may write the same `revision` if the storage was reset in between. */
  readonly id?: string | undefined;
  /**
   * Ids of the latest revisions that this one evolved from, newest first. A version that writes no `id` ends the chain:
   * the last entry names the lineage and number of what it wrote instead.
   */
  readonly predecessors?: readonly string[] | undefined;
  readonly revocations: readonly Revocation[];
}

const schema = z.object({
  lineage: z.string().min(1),
  revision: z.int().min(0),
  id: z.string().min(1).optional(),
  predecessors: z.array(z.string().min(1)).optional(),
  revocations: z.array(revocationSchema),
});

const EMPTY: RevocationDocument = { lineage: '', revision: 0, revocations: [] };

/** Thrown when a revocation list exists but cannot be read. */
export class UnreadableRevocationsError extends Error {}

/**
 * Parses the stored text.
 *
 * @param text undefined if nothing has ever been revoked
 * @throws {UnreadableRevocationsError} when the text was not written by {@link formatDocument}
 */
export function parseDocument(text: string | undefined): RevocationDocument {
  if (text === undefined) return EMPTY;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UnreadableRevocationsError('the stored data is not a revocation list', { cause });
  }
}

export const formatDocument = (document: RevocationDocument): string =>
  `${JSON.stringify(document, null, 2)}\n`;

/** Returns the document with these revocations added. Existing revocations are never weakened. */
export function withRevocations(
  document: RevocationDocument,
  added: readonly Revocation[],
  now = Date.now(),
): RevocationDocument {
  const byKey = new Map<string, Revocation>();
  for (const revocation of [...document.revocations, ...added]) {
    if (isLive(revocation, now)) addTo(byKey, revocation);
  }
  return changed(document, [...byKey.values()]);
}

/** Returns the document without the revocation of this selector. */
export function withoutRevocation(
  document: RevocationDocument,
  selector: Selector,
  now = Date.now(),
): RevocationDocument {
  return changed(
    document,
    document.revocations.filter(
      (revocation) => isLive(revocation, now) && keyOf(revocation) !== keyOf(selector),
    ),
  );
}

/** Returns the next revision of a document. */
function changed(document: RevocationDocument, revocations: readonly Revocation[]): RevocationDocument {
  const { lineage, revision, predecessors = [] } = document;
  return {
    lineage: lineage || randomUUID(),
    revision: revision + 1,
    id: randomBytes(9).toString('base64url'),
    predecessors: lineage === '' ? [] : [nameOf(document), ...predecessors].slice(0, MAX_PREDECESSORS),
    revocations,
  };
}

/** Returns the entry for a document in the predecessors of the next one. */
const nameOf = ({ lineage, revision, id }: RevocationDocument): string => id ?? `${lineage}:${revision}`;

/** Whether two documents are the same revision. */
export const isSameRevision = (one: RevocationDocument, other: RevocationDocument): boolean =>
  one.lineage === other.lineage && one.revision === other.revision && one.id === other.id;

/** Whether a stored document evolved from a known one, so that entries missing from it were removed on purpose. */
export function isSuccessor(stored: RevocationDocument, known: RevocationDocument): boolean {
  const { lineage, revision, id, predecessors = [] } = stored;
  const isLater = (itsLineage: string | undefined, itsRevision: number): boolean =>
    itsLineage === known.lineage && itsRevision >= known.revision;
  if (id === undefined || known.id === undefined) return isLater(lineage, revision);
  if (id === known.id || predecessors.includes(known.id)) return true;
  const [firstLineage, firstRevision] = predecessors.at(-1)?.split(':') ?? [];
  return isLater(firstLineage, Number(firstRevision));
}

/** Whether the storage was reset to a revision that the known document evolved from, and has not changed since. */
export const isReset = (stored: RevocationDocument, known: RevocationDocument): boolean =>
  stored.id !== undefined && known.predecessors?.includes(stored.id) === true;

/** Returns the revocations that would change a document. */
export function unknownTo(
  { revocations }: RevocationDocument,
  others: readonly Revocation[],
  now = Date.now(),
): Revocation[] {
  if (others.length === 0) return [];
  const known = new Map(revocations.map((revocation) => [keyOf(revocation), revocation]));
  return others.filter((other) => {
    const one = known.get(keyOf(other));
    return isLive(other, now) && !(one && isDeepStrictEqual(combine(one, other), one));
  });
}

/** Whether a document may reject tokens that an earlier one accepts. */
export const isStricter = ({ revocations }: RevocationDocument, earlier: RevocationDocument): boolean =>
  unknownTo(earlier, revocations).length > 0;

/** Returns the revocations that a document does not contain. */
export function missingIn(document: RevocationDocument, revocations: readonly Revocation[]): Revocation[] {
  const keys = new Set(document.revocations.map(keyOf));
  return revocations.filter((revocation) => !keys.has(keyOf(revocation)));
}
