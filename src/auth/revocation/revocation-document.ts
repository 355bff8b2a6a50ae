import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { combine, isLive, keyOf, type Revocation, revocationSchema, type Selector } from './revocation.js';

/** How many revocations are kept: what a reader can hold in memory and load in a moment. */
export const MOST_REVOCATIONS = 10_000;

/** All revocations, as they are stored: one JSON text that is replaced whole. */
export interface RevocationDocument {
  /** Made up when the first revocation is stored, so that a reader notices a list that was begun afresh. */
  readonly lineage: string;
  /** Grows with every change, so that a reader notices a storage that has fallen back to an older state. */
  readonly revision: number;
  readonly revocations: readonly Revocation[];
}

const schema = z.object({
  lineage: z.string().min(1),
  revision: z.int().min(0),
  revocations: z.array(revocationSchema).max(MOST_REVOCATIONS),
});

const EMPTY: RevocationDocument = { lineage: '', revision: 0, revocations: [] };

/** There is a list, but it cannot be read: what it says is not known. */
export class UnreadableRevocationsError extends Error {}

/**
 * @param text undefined where nothing has ever been revoked
 * @throws {UnreadableRevocationsError} when it is not what {@link formatDocument} writes
 */
export function parseDocument(text: string | undefined): RevocationDocument {
  if (text === undefined) return EMPTY;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UnreadableRevocationsError('what is stored is no revocation list', { cause });
  }
}

export const formatDocument = (document: RevocationDocument): string =>
  `${JSON.stringify(document, null, 2)}\n`;

/**
 * The document with these revocations added; what it held already is never weakened.
 *
 * @throws when there would be too many
 */
export function withRevocations(
  document: RevocationDocument,
  added: readonly Revocation[],
  now = Date.now(),
): RevocationDocument {
  const byKey = new Map<string, Revocation>();
  for (const revocation of [...document.revocations, ...added]) {
    if (!isLive(revocation, now)) continue;
    const known = byKey.get(keyOf(revocation));
    byKey.set(keyOf(revocation), known ? combine(known, revocation) : revocation);
  }
  if (byKey.size > MOST_REVOCATIONS) {
    throw new Error(
      `The list is full: it holds ${MOST_REVOCATIONS} revocations. Revoke a client or an organization as a whole.`,
    );
  }
  return {
    lineage: document.lineage || randomUUID(),
    revision: document.revision + 1,
    revocations: [...byKey.values()],
  };
}

/** The document without what was revoked for this selector. */
export function withoutRevocation(
  document: RevocationDocument,
  selector: Selector,
  now = Date.now(),
): RevocationDocument {
  return {
    lineage: document.lineage,
    revision: document.revision + 1,
    revocations: document.revocations.filter(
      (revocation) => isLive(revocation, now) && keyOf(revocation) !== keyOf(selector),
    ),
  };
}

/** Whether a stored document came from a known one by changes alone, so that what it lacks was taken out. */
export const isSuccessor = (stored: RevocationDocument, known: RevocationDocument): boolean =>
  stored.lineage === known.lineage && stored.revision >= known.revision;

/** A stored document that has lost what was known, with that put back. */
export function restored(stored: RevocationDocument, known: RevocationDocument): RevocationDocument {
  return withRevocations(
    {
      // The stored lineage stands: it is what others may know already.
      lineage: stored.lineage || known.lineage,
      revision: Math.max(stored.revision, known.revision),
      revocations: stored.revocations,
    },
    known.revocations,
  );
}
