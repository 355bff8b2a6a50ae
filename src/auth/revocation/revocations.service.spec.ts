import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { aPrincipal } from '../../../test/support/principal.js';
import { loadConfiguration } from '../../config/load-configuration.js';
import { revoke } from './revocation.js';
import { withoutRevocation, withRevocations } from './revocation-document.js';
import { changeDocument } from './revocation-storage.js';
import type { RevocationChange } from './revocations.js';
import { RevocationsService } from './revocations.service.js';

describe('RevocationsService', () => {
  const selector = { what: 'subject', id: 'usr_1' } as const;
  let directory: string;
  let service: RevocationsService;
  let told: RevocationChange[];
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    service = new RevocationsService(loadConfiguration({ STATE_DIRECTORY: directory }), undefined);
    told = [];
    service.onChange((change) => told.push(change));
    await service.onApplicationBootstrap();
  });
  afterEach(() => {
    service.onApplicationShutdown();
    rmSync(directory, { recursive: true });
  });

  const store = async (by: string): Promise<void> => {
    const added = revoke(selector, { maxTokenLifetime: 60_000, by });
    await changeDocument(service.storage, (document) => withRevocations(document, [added]));
    await service.reload();
  };

  it('tells of a change of this process once, with who made it', async () => {
    await service.making({ kind: 'added', selector, by: 'ada' }, () => store('ada'));
    expect(told).toEqual([{ kind: 'added', selector, by: 'ada' }]);
  });

  it('tells of two concurrent changes of the same tokens, each with who made it', async () => {
    const remove = async (): Promise<void> => {
      await changeDocument(service.storage, (document) => withoutRevocation(document, selector));
      await service.reload();
    };
    const changes: RevocationChange[] = [
      { kind: 'added', selector, by: 'ada' },
      { kind: 'removed', selector, by: 'bob' },
    ];
    const [added, removed] = changes;
    await Promise.all([service.making(added!, () => store('ada')), service.making(removed!, remove)]);
    await service.reload();
    expect(told).toEqual(changes);
  });

  it('applies a change of this process before it tells of it', async () => {
    const caller = aPrincipal({ subject: selector.id });
    const check = jest.fn(() => service.check(caller));
    service.onChange(() => expect(check).toThrow('revoked'));
    await service.making({ kind: 'added', selector, by: 'ada' }, async () => {
      const added = revoke(selector, { maxTokenLifetime: 60_000, by: 'ada' });
      await changeDocument(service.storage, (document) => withRevocations(document, [added]));
    });
    expect(check).toHaveBeenCalledTimes(1);
  });

  it('tells of a stored change whose response was lost', async () => {
    const lost = service.making({ kind: 'added', selector, by: 'ada' }, async () => {
      await store('ada');
      throw new Error('Command timed out');
    });
    await expect(lost).rejects.toThrow('timed out');
    expect(told).toMatchObject([{ kind: 'added', selector, by: 'ada' }]);
  });

  it('tells of nothing if nothing was stored', async () => {
    const failed = service.making({ kind: 'added', selector }, () => Promise.reject(new Error('full')));
    await expect(failed).rejects.toThrow('full');
    expect(told).toEqual([]);
  });
});
