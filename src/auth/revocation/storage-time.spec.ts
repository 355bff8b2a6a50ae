import { MemoryRevocations } from '../../../test/support/memory-revocations.js';
import { revoke, type Revocation } from './revocation.js';
import { formatDocument, parseDocument, withRevocations } from './revocation-document.js';
import { RevocationList } from './revocation-list.js';

const HOUR_MS = 3_600_000;
const LIFETIME = 60_000;

const of = (id: string, now: number): Revocation =>
  revoke({ what: 'subject', id }, { maxTokenLifetime: LIFETIME }, now);
const documentOf = (revocation: Revocation, now: number): string =>
  formatDocument(withRevocations(parseDocument(undefined), [revocation], now));

describe('an instance whose clock is ahead of the storage', () => {
  it('stores a lost revocation and keeps those that have not expired for the storage', async () => {
    const here = Date.now();
    const there = here - HOUR_MS;
    const storage = new MemoryRevocations();
    jest.spyOn(storage, 'now').mockResolvedValue(there);
    storage.text = documentOf(of('alice', there), there);
    const list = new RevocationList(storage, {
      maxTokenLifetime: () => LIFETIME,
      onFailure: () => undefined,
      onRecovery: () => undefined,
      onRestored: () => undefined,
      onChange: () => undefined,
      onStricter: () => undefined,
    });
    try {
      await list.start();
      storage.watcher?.onOffer(documentOf(of('bob', here), here));
      await list.reload();
      expect(parseDocument(storage.text).revocations.map(({ id }) => id)).toEqual(['alice', 'bob']);
    } finally {
      list.stop();
    }
  });
});
