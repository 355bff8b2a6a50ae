import { revoke, type Revocation } from './revocation.js';
import {
  formatDocument,
  isSameRevision,
  isSuccessor,
  parseDocument,
  type RevocationDocument,
  UnreadableRevocationsError,
  withoutRevocation,
  withRevocations,
} from './revocation-document.js';

const NOW = 1_800_000_000_000;
const of = (id: string, kept = 1_000, now = NOW): Revocation => ({
  ...revoke({ what: 'subject', id }, { maxTokenLifetime: 1 }, now),
  until: now + kept,
});

describe('the revocation document', () => {
  it('is empty if nothing was ever revoked', () => {
    expect(parseDocument(undefined)).toEqual({ lineage: '', revision: 0, revocations: [] });
  });

  it('is equal after formatting and parsing', () => {
    const document = withRevocations(
      parseDocument(undefined),
      [of('a'), revoke({ what: 'client', id: 'c' }, { maxTokenLifetime: 5, barNewerFor: 9 }, NOW)],
      NOW,
    );
    expect(parseDocument(formatDocument(document))).toEqual(document);
    expect(document.revision).toBe(1);
  });

  it.each([
    ['nothing', ''],
    ['half a list', '{"revision":1,"revocations":['],
    ['another document', '{"keys":[]}'],
    ['null', 'null'],
    [
      'a revocation of an unknown kind',
      '{"lineage":"l","revision":1,"revocations":[{"what":"planet","id":"a"}]}',
    ],
    ['no revision', '{"lineage":"l","revocations":[]}'],
  ])('is never treated as empty when it is %s', (_what, text) => {
    expect(() => parseDocument(text)).toThrow(UnreadableRevocationsError);
  });

  it('drops expired revocations whenever it changes', () => {
    const first = withRevocations(parseDocument(undefined), [of('a'), of('b', 5_000)], NOW);
    const later = withRevocations(first, [of('c', 5_000, NOW + 1_000)], NOW + 1_000);
    expect(later.revocations.map(({ id }) => id)).toEqual(['b', 'c']);
    const undone = withoutRevocation(later, { what: 'subject', id: 'c' }, NOW + 2_000);
    expect(undone).toMatchObject({ revision: 3, revocations: [of('b', 5_000)] });
  });

  it('reads entries without restrictions from older versions', () => {
    const entry = { what: 'subject', id: 'a', revokedAt: NOW, until: NOW + 1_000 };
    const text = JSON.stringify({ lineage: 'l', revision: 1, revocations: [entry] });
    expect(parseDocument(text).revocations).toEqual([entry]);
  });

  it('is the successor of its latest revisions, and of no other of the same number', () => {
    const first = withRevocations(parseDocument(undefined), [of('a')], NOW);
    const [one, other] = ['b', 'c'].map((id) => withRevocations(first, [of(id)], NOW)) as [
      RevocationDocument,
      RevocationDocument,
    ];
    expect([one, first].map((known) => isSuccessor(one, known))).toEqual([true, true]);
    expect(isSuccessor(other, one)).toBe(false);
    expect(isSameRevision(other, one)).toBe(false);
    let latest = one;
    for (let change = 0; change < 200; change++) latest = withRevocations(latest, [], NOW);
    expect(isSuccessor(latest, one)).toBe(false);
    expect(latest.predecessors).toHaveLength(100);
    expect(isSuccessor(parseDocument(formatDocument(latest)), latest)).toBe(true);
  });

  describe('written by an earlier version', () => {
    const written = ({ lineage, revision, revocations }: RevocationDocument): RevocationDocument => ({
      lineage,
      revision,
      revocations,
    });
    const first = withRevocations(parseDocument(undefined), [of('a')], NOW);

    it('is compared by its number', () => {
      const earlier = written(first);
      const later = withRevocations(earlier, [of('b')], NOW);
      expect(isSuccessor(later, earlier)).toBe(true);
      expect(isSuccessor(earlier, later)).toBe(false);
    });

    it('is known to the revisions that evolve from it', () => {
      const undone = withoutRevocation(first, { what: 'subject', id: 'a' }, NOW);
      let latest = withRevocations(written(undone), [of('b')], NOW);
      expect(isSuccessor(latest, first)).toBe(true);
      latest = withRevocations(latest, [of('c')], NOW);
      expect(isSuccessor(latest, first)).toBe(true);
      expect(isSuccessor(latest, { ...first, revision: undone.revision + 1 })).toBe(false);
      expect(isSuccessor(latest, { ...first, lineage: 'another' })).toBe(false);
    });
  });

  it('keeps differently restricted revocations of one subject separate', () => {
    const all = [{}, { organization: 'org_1' }, { organization: 'org_1', issuer: 'i' }].map((restriction) =>
      revoke({ what: 'subject', id: 'a', ...restriction }, { maxTokenLifetime: 1_000 }, NOW),
    );
    const document = withRevocations(parseDocument(undefined), all, NOW);
    expect(parseDocument(formatDocument(document)).revocations).toEqual(all);
    const undone = withoutRevocation(document, { what: 'subject', id: 'a', organization: 'org_1' }, NOW);
    expect(undone.revocations).toEqual([all[0], all[2]]);
  });

  it('keeps one entry for the same tokens', () => {
    const document = withRevocations(parseDocument(undefined), [of('a'), of('a', 9_000)], NOW);
    expect(document.revocations).toEqual([of('a', 9_000)]);
  });
});
