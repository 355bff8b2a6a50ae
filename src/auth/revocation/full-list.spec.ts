import { MemoryRevocations } from '../../../test/support/memory-revocations.js';
import { aPrincipal } from '../../../test/support/principal.js';
import { revoke, type Revocation } from './revocation.js';
import {
  formatDocument,
  parseDocument,
  type RevocationDocument,
  withoutRevocation,
  withRevocations,
} from './revocation-document.js';
import { RevocationList } from './revocation-list.js';
import { changeDocument, MAX_REVOCATIONS, type RevocationStorage } from './revocation-storage.js';

const LIFETIME = 60_000;
const of = (id: string, now = Date.now()): Revocation =>
  revoke({ what: 'subject', id }, { maxTokenLifetime: LIFETIME }, now);
const fullDocument = (now?: number): RevocationDocument =>
  withRevocations(
    parseDocument(undefined),
    Array.from({ length: MAX_REVOCATIONS }, (_, index) => of(`user ${index}`, now)),
    now,
  );
const FULL = 'full: The revocation list is full (10000 revocations).';

describe('a full revocation list', () => {
  let storage: MemoryRevocations;
  let list: RevocationList;
  const heard: string[] = [];

  beforeEach(() => {
    heard.length = 0;
    storage = new MemoryRevocations();
    list = new RevocationList(storage, {
      maxTokenLifetime: () => LIFETIME,
      onFailure: (reason, failure) => heard.push(`${failure}: ${reason}`),
      onRecovery: () => heard.push('recovered'),
      onRestored: () => heard.push('restored'),
      onChange: () => undefined,
      onStricter: () => undefined,
    });
    storage.text = formatDocument(fullDocument());
  });
  afterEach(() => list.stop());

  const covered = (...subjects: string[]): unknown[] =>
    subjects.map((subject) => list.covers(aPrincipal({ subject, clientId: undefined, issuedAt: 0 })));

  it('takes no further revocation, and loses none', async () => {
    const text = storage.text;
    await expect(storage.revoke({ what: 'subject', id: 'alice' })).rejects.toThrow(/list is full/);
    expect(storage.text).toBe(text);
    await storage.revoke({ what: 'subject', id: 'user 0' });
    expect(parseDocument(storage.text).revocations).toHaveLength(MAX_REVOCATIONS);
  });

  it('takes further revocations once others have ended', async () => {
    storage.text = formatDocument(fullDocument(Date.now() - 3_600_000));
    await storage.revoke({ what: 'subject', id: 'alice' });
    expect(parseDocument(storage.text).revocations.map(({ id }) => id)).toEqual(['alice']);
  });

  it('is in effect with the revocations that were stored after the storage had lost it', async () => {
    await list.start();
    storage.text = undefined;
    await storage.revoke({ what: 'subject', id: 'alice' });
    for (let round = 0; round < 2; round++) await list.reload();
    await storage.revoke({ what: 'subject', id: 'bob' });
    await list.reload();
    expect(covered('alice', 'bob', 'user 0', 'carol')).toEqual([true, true, true, false]);
    expect(list.status).toMatchObject({ entries: MAX_REVOCATIONS + 2, current: false });
    expect(heard).toEqual([expect.stringContaining(FULL)]);

    for (const id of ['alice', 'bob'])
      await changeDocument(storage, (document) => withoutRevocation(document, { what: 'subject', id }));
    await list.reload();
    expect(heard.slice(1)).toEqual(['restored', 'recovered']);
    expect(parseDocument(storage.text).revocations).toHaveLength(MAX_REVOCATIONS);
    expect(covered('alice', 'user 0')).toEqual([false, true]);
  });

  it('is in effect with the revocations of other instances, and is given to them', async () => {
    const asking: MemoryRevocations & Pick<RevocationStorage, 'askInstances'> = storage;
    asking.askInstances = () =>
      Promise.resolve([formatDocument(withRevocations(fullDocument(), [of('alice')]))]);
    await list.start();
    expect(covered('alice', 'user 0')).toEqual([true, true]);
    storage.watcher?.onOffer(formatDocument(withRevocations(fullDocument(), [of('bob')])));
    expect(covered('alice', 'bob', 'user 0')).toEqual([true, true, true]);
    const answer = parseDocument(await storage.watcher?.onQuestion());
    expect(answer.revocations).toHaveLength(MAX_REVOCATIONS + 2);
    expect(heard).toEqual([expect.stringContaining(FULL)]);
  });
});
