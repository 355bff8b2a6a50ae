import type { Principal } from '../principal.js';
import { aPrincipal } from '../../../test/support/principal.js';
import { MemoryRevocations } from '../../../test/support/memory-revocations.js';
import type { Selector } from './revocation.js';
import { parseDocument, withoutRevocation } from './revocation-document.js';
import { RELOAD_INTERVAL_MS, RevocationList } from './revocation-list.js';
import { changeDocument, type RevocationStorage, StorageRefusesError } from './revocation-storage.js';

const caller = (subject: string): Principal => aPrincipal({ subject, clientId: undefined });
const ALICE = { what: 'subject', id: 'alice' } as const;
const BOB = { what: 'subject', id: 'bob' } as const;

describe('RevocationList', () => {
  let storage: MemoryRevocations;
  let list: RevocationList;
  let maxTokenLifetime: number;
  const heard: string[] = [];
  const changes: string[][][] = [];

  beforeEach(() => {
    jest.useFakeTimers();
    heard.length = 0;
    changes.length = 0;
    maxTokenLifetime = 60_000;
    storage = new MemoryRevocations();
    list = new RevocationList(storage, {
      maxTokenLifetime: () => maxTokenLifetime,
      onFailure: (reason, failure) => heard.push(`${failure}: ${reason}`),
      onRecovery: () => heard.push('recovered'),
      onRestored: () => heard.push('restored'),
      onChange: (added, removed) => {
        changes.push([added, removed].map((some) => some.map(({ id }) => id)));
      },
      onStricter: () => undefined,
    });
  });
  afterEach(() => {
    list.stop();
    jest.useRealTimers();
  });

  const soon = (): Promise<void> => jest.advanceTimersByTimeAsync(1);

  it('tells which revocations were added or removed since it was loaded', async () => {
    await storage.revoke(ALICE);
    await list.start();
    expect(changes).toEqual([]);
    await storage.revoke(BOB);
    storage.announce();
    await soon();
    storage.announce();
    await soon();
    await changeDocument(storage, (document) => withoutRevocation(document, ALICE));
    storage.announce();
    await soon();
    expect(changes).toEqual([
      [['bob'], []],
      [[], ['alice']],
    ]);
  });

  it('knows its age since the last successful load', async () => {
    expect(list.ageSeconds).toBeUndefined();
    await list.start();
    storage.failure = new Error('away');
    await jest.advanceTimersByTimeAsync(4 * RELOAD_INTERVAL_MS);
    expect(list.ageSeconds).toBeCloseTo(20, 1);
    storage.failure = undefined;
    await jest.advanceTimersByTimeAsync(RELOAD_INTERVAL_MS);
    expect(list.ageSeconds).toBeCloseTo(0, 1);
  });

  it('is unknown until it is loaded', async () => {
    expect(list.covers(caller('alice'))).toBeUndefined();
    expect(list.status).toEqual({ loaded: false, current: false, source: 'file' });
    await list.start();
    expect(list.covers(caller('alice'))).toBe(false);
    expect(list.status).toEqual({ loaded: true, current: true, source: 'file', entries: 0 });
  });

  it('applies a revocation and its removal when notified', async () => {
    await list.start();
    await storage.revoke(ALICE);
    storage.announce();
    await soon();
    expect(list.covers(caller('alice'))).toBe(true);
    expect(list.covers(caller('bob'))).toBe(false);
    await changeDocument(storage, (document) => withoutRevocation(document, ALICE));
    storage.announce();
    await soon();
    expect(list.covers(caller('alice'))).toBe(false);
    expect(heard).toEqual([]);
  });

  it('loads again when a change arrives during a load', async () => {
    await storage.revoke(ALICE);
    const revoked = storage.text;
    storage.text = undefined;
    await list.start();
    const read = storage.read.bind(storage);
    let release = (): void => undefined;
    storage.read = async () => {
      const before = await read();
      await new Promise<void>((resolve) => (release = resolve));
      storage.read = read;
      return before;
    };
    storage.announce();
    await soon();
    storage.text = revoked;
    storage.announce();
    release();
    await soon();
    expect(list.covers(caller('alice'))).toBe(true);
  });

  it('recovers from a lost notification', async () => {
    const alice = caller('alice');
    await list.start();
    await storage.revoke(ALICE);
    await jest.advanceTimersByTimeAsync(RELOAD_INTERVAL_MS);
    expect(list.covers(alice)).toBe(true);
  });

  it('loads once the storage is available, and stays in effect while it is not', async () => {
    const alice = caller('alice');
    storage.failure = new Error('gone');
    await list.start();
    expect(list.status.loaded).toBe(false);
    storage.failure = undefined;
    await storage.revoke(ALICE);
    await jest.advanceTimersByTimeAsync(RELOAD_INTERVAL_MS);
    expect(list.status).toEqual({ loaded: true, current: true, source: 'file', entries: 1 });
    storage.failure = new Error('gone again');
    await jest.advanceTimersByTimeAsync(3 * RELOAD_INTERVAL_MS);
    expect(list.status.loaded).toBe(true);
    expect(list.covers(alice)).toBe(true);
    expect(heard).toEqual(['away: gone', 'recovered', 'away: gone again']);
  });

  it('applies the last known list while the stored text is unreadable, and reports it as outdated', async () => {
    await storage.revoke(ALICE);
    await list.start();
    storage.text = '{"revision":';
    storage.announce();
    await soon();
    expect(list.status).toEqual({ loaded: true, current: false, source: 'file', entries: 1 });
    expect(list.covers(caller('alice'))).toBe(true);
    expect(heard).toEqual([expect.stringMatching(/^unreadable: /)]);
  });

  const stored = (): string[] => parseDocument(storage.text).revocations.map(({ id }) => id);

  it.each(['nothing', 'an older list', 'another list', 'an older list that has changed'])(
    'keeps tokens revoked when the storage returns with %s',
    async (what) => {
      await storage.revoke(BOB);
      const older = storage.text;
      await storage.revoke(ALICE);
      await list.start();
      storage.text = what.startsWith('an older list') ? older : undefined;
      if (what === 'an older list that has changed') await storage.revoke({ what: 'client', id: 'x' });
      if (what === 'another list')
        for (const id of ['x', 'y', 'z']) await storage.revoke({ what: 'client', id });
      storage.announce();
      await soon();
      expect(list.covers(caller('alice'))).toBe(true);
      expect(list.covers(caller('bob'))).toBe(true);
      expect(stored()).toEqual(expect.arrayContaining(['alice', 'bob']));
      expect(heard).toEqual(['restored']);
      storage.announce();
      await soon();
      expect(heard).toEqual(['restored']);
    },
  );

  it.each(['an earlier version', 'this version'])('applies a removal by %s', async (version) => {
    await storage.revoke(ALICE);
    await list.start();
    await storage.revoke(BOB);
    await changeDocument(storage, (document) => {
      const { id: _id, predecessors: _predecessors, ...earlier } = withoutRevocation(document, ALICE);
      return version === 'this version' ? withoutRevocation(document, ALICE) : earlier;
    });
    storage.announce();
    await soon();
    expect(list.covers(caller('alice'))).toBe(false);
    expect(stored()).toEqual(['bob']);
    expect(heard).toEqual([]);
  });

  it('restores lost revocations once, even if several instances know them', async () => {
    const events: string[] = [];
    const other = new RevocationList(storage, {
      maxTokenLifetime: () => maxTokenLifetime,
      onFailure: (reason) => events.push(reason),
      onRecovery: () => undefined,
      onRestored: () => undefined,
      onChange: () => undefined,
      onStricter: () => undefined,
    });
    await storage.revoke(ALICE);
    await list.start();
    await other.start();
    storage.text = undefined;
    await storage.revoke(BOB);
    for (let round = 0; round < 3; round++) {
      await Promise.all([list.reload(), other.reload()]);
      await soon();
    }
    const settled = storage.text;
    await Promise.all([list.reload(), other.reload()]);
    expect(storage.text).toBe(settled);
    expect(stored()).toEqual(['bob', 'alice']);
    other.stop();
    expect(events).toEqual([]);
  });

  /** Revokes ALICE while the storage is full. Returns the list to offer, and a function that makes room. */
  async function revokeWhileFull(): Promise<{ offered: string; makeRoom: () => void }> {
    const before = storage.text;
    await storage.revoke(ALICE);
    const offered = storage.text ?? '';
    storage.text = before;
    const replace = storage.replace.bind(storage);
    storage.replace = (_expected, text) =>
      Promise.reject(new StorageRefusesError('Redis is full.', text, 'Raise maxmemory.', {}));
    const makeRoom = (): void => {
      storage.replace = replace;
    };
    return { offered, makeRoom };
  }

  it('applies a list that cannot be stored, and stores it as soon as it can', async () => {
    await storage.revoke(BOB);
    await list.start();
    const { offered, makeRoom } = await revokeWhileFull();
    storage.watcher?.onOffer(offered);
    expect(list.covers(caller('alice'))).toBe(true);
    await soon();
    expect(heard).toEqual(['refusing: Redis is full.']);
    expect(changes).toEqual([[['alice'], []]]);
    expect(await storage.watcher?.onQuestion()).toContain('alice');

    makeRoom();
    await jest.advanceTimersByTimeAsync(RELOAD_INTERVAL_MS);
    expect(stored()).toEqual(['bob', 'alice']);
    expect(heard).toEqual(['refusing: Redis is full.', 'restored', 'recovered']);
    expect(await storage.watcher?.onQuestion()).toBe('');
  });

  it('tells of the first revocation once, even if it cannot be stored at first', async () => {
    await list.start();
    await storage.revoke(ALICE);
    const text = storage.text ?? '';
    storage.text = undefined;
    storage.watcher?.onOffer(text);
    await soon();
    expect(stored()).toEqual(['alice']);
    expect(changes).toEqual([[['alice'], []]]);
  });

  it('keeps a revocation that is offered while another one is stored', async () => {
    await storage.revoke(BOB);
    await list.start();
    const before = storage.text;
    const offerOf = async (selector: Selector): Promise<string> => {
      await storage.revoke(selector);
      const text = storage.text ?? '';
      storage.text = before;
      return text;
    };
    const first = await offerOf(ALICE);
    const second = await offerOf({ what: 'subject', id: 'carol' });
    const replace = storage.replace.bind(storage);
    storage.replace = async (expected, text) => {
      storage.replace = (_expected, refused) =>
        Promise.reject(new StorageRefusesError('Redis is full.', refused, 'Raise maxmemory.', {}));
      storage.watcher?.onOffer(second);
      return replace(expected, text);
    };
    storage.watcher?.onOffer(first);
    await soon();
    expect(stored()).toEqual(['bob', 'alice']);
    expect(['alice', 'carol'].map((id) => list.covers(caller(id)))).toEqual([true, true]);
    expect(changes).toEqual([
      [['alice'], []],
      [['carol'], []],
    ]);
  });

  it('applies a list that cannot be stored and that it is offered during its first load', async () => {
    await storage.revoke(BOB);
    const { offered, makeRoom } = await revokeWhileFull();
    const read = storage.read.bind(storage);
    storage.read = async () => {
      storage.read = read;
      const text = await read();
      storage.watcher?.onOffer(offered);
      return text;
    };
    await list.start();
    expect(['alice', 'bob'].map((id) => list.covers(caller(id)))).toEqual([true, true]);
    expect(heard).toEqual(['refusing: Redis is full.']);

    makeRoom();
    await jest.advanceTimersByTimeAsync(RELOAD_INTERVAL_MS);
    expect(stored()).toEqual(['bob', 'alice']);
  });

  it('takes a message that is no list for a change, and stays in effect', async () => {
    await list.start();
    await storage.revoke(ALICE);
    storage.watcher?.onOffer('hello');
    expect(list.status.loaded).toBe(true);
    await soon();
    expect(list.covers(caller('alice'))).toBe(true);
    expect(heard).toEqual([]);
  });

  it('keeps every revocation that could not be stored, whatever is stored after it', async () => {
    const carol = { what: 'subject', id: 'carol' } as const;
    await storage.revoke(BOB);
    await list.start();
    const before = storage.text;
    const offer = async (selector: Selector): Promise<void> => {
      await storage.revoke(selector);
      const text = storage.text ?? '';
      storage.text = before;
      storage.watcher?.onOffer(text);
    };
    const replace = storage.replace.bind(storage);
    const refuse = (_expected: unknown, text: string): Promise<boolean> =>
      Promise.reject(new StorageRefusesError('Redis is full.', text, 'Raise maxmemory.', {}));
    await offer(ALICE);
    storage.replace = refuse;
    await soon();
    storage.replace = replace;
    await offer(carol);
    storage.replace = refuse;
    await soon();
    const covered = (): unknown[] => ['alice', 'bob', 'carol'].map((id) => list.covers(caller(id)));
    expect(covered()).toEqual([true, true, true]);

    storage.replace = replace;
    for (const id of ['x', 'y', 'z']) await storage.revoke({ what: 'client', id });
    storage.announce();
    await soon();
    expect(covered()).toEqual([true, true, true]);
    expect(stored().toSorted()).toEqual(['alice', 'bob', 'carol', 'x', 'y', 'z']);
  });

  it('begins with what other instances know and could not store', async () => {
    await storage.revoke(BOB);
    const before = storage.text;
    await storage.revoke(ALICE);
    const offer = storage.text ?? '';
    storage.text = before;
    const asking: MemoryRevocations & Pick<RevocationStorage, 'askInstances'> = storage;
    asking.askInstances = () => Promise.resolve([offer]);
    await list.start();
    expect(['alice', 'bob'].map((subject) => list.covers(caller(subject)))).toEqual([true, true]);
  });

  it('keeps an undone revocation undone when the storage is reset to an earlier list', async () => {
    await storage.revoke(ALICE);
    const earlier = storage.text;
    await list.start();
    await storage.revoke(BOB);
    await changeDocument(storage, (document) => withoutRevocation(document, ALICE));
    await list.reload();
    changes.length = 0;
    storage.text = earlier;
    await list.reload();
    expect(['alice', 'bob'].map((subject) => list.covers(caller(subject)))).toEqual([false, true]);
    expect(stored()).toEqual(['bob']);
    expect(heard).toEqual(['restored']);
    expect(changes).toEqual([]);
  });

  it('restores nothing that was undone while an earlier version stored the list', async () => {
    await storage.revoke(ALICE);
    await list.start();
    await changeDocument(storage, (document) => withoutRevocation(document, ALICE));
    // An earlier version knows no ids.
    const { lineage, revision, revocations } = parseDocument(storage.text);
    storage.text = JSON.stringify({ lineage, revision: revision + 1, revocations });
    await storage.revoke(BOB);
    await list.reload();
    expect(['alice', 'bob'].map((subject) => list.covers(caller(subject)))).toEqual([false, true]);
    expect(heard).toEqual([]);
  });

  it('drops expired revocations', async () => {
    await storage.revoke(ALICE);
    await list.start();
    await jest.advanceTimersByTimeAsync(11 * 60_000 + RELOAD_INTERVAL_MS);
    expect(list.status.entries).toBe(0);
  });

  it('keeps revocations for as long as tokens live here, even if another process drops them earlier', async () => {
    const alice = caller('alice');
    maxTokenLifetime = 3_600_000;
    await list.start();
    await storage.revoke(ALICE);
    storage.announce();
    await soon();
    await jest.advanceTimersByTimeAsync(maxTokenLifetime);
    await storage.revoke(BOB);
    storage.announce();
    await soon();
    expect(list.covers(alice)).toBe(true);
    expect(stored()).toEqual(['alice', 'bob']);
    expect(heard).toEqual([]);
    await jest.advanceTimersByTimeAsync(10 * 60_000 + RELOAD_INTERVAL_MS);
    expect(list.covers(alice)).toBe(false);
  });

  it('keeps revocations that have ended for other processes', async () => {
    const alice = caller('alice');
    await storage.revoke(ALICE);
    maxTokenLifetime = 3_600_000;
    await jest.advanceTimersByTimeAsync(3_600_000);
    await list.start();
    expect(list.covers(alice)).toBe(true);
  });

  it('tells another instance of a list that the storage has lost entirely and does not accept', async () => {
    await storage.revoke(ALICE);
    await list.start();
    storage.text = undefined;
    storage.replace = (_expected, text) =>
      Promise.reject(new StorageRefusesError('Redis is full.', text, 'Raise maxmemory.', {}));
    const answer = await storage.watcher?.onQuestion();
    expect(parseDocument(answer).revocations.map(({ id }) => id)).toEqual(['alice']);
  });

  it('applies a new revocation of a storage that does not accept what it has lost', async () => {
    await storage.revoke(ALICE);
    await list.start();
    storage.text = undefined;
    await storage.revoke(BOB);
    storage.replace = (_expected, text) =>
      Promise.reject(new StorageRefusesError('Redis is full.', text, 'Raise maxmemory.', {}));
    for (let round = 0; round < 2; round++) {
      storage.announce();
      await soon();
      expect(['alice', 'bob'].map((id) => list.covers(caller(id)))).toEqual([true, true]);
    }
    expect(heard).toEqual(['refusing: Redis is full.']);
    expect(changes).toEqual([[['bob'], []]]);
  });
});
