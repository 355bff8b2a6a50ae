import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { aPrincipal } from '../../../test/support/principal.js';
import { type Revocation, revoke } from '../../auth/revocation/revocation.js';
import { withoutRevocation, withRevocations } from '../../auth/revocation/revocation-document.js';
import { changeDocument } from '../../auth/revocation/revocation-storage.js';
import { RevocationsService } from '../../auth/revocation/revocations.service.js';
import { loadConfiguration } from '../../config/load-configuration.js';
import { OpenStreams } from './open-streams.js';

const TERMS = { maxTokenLifetime: 60_000 };
const subject = (id: string): { what: 'subject'; id: string } => ({ what: 'subject', id });

describe('OpenStreams', () => {
  let directory: string;
  let service: RevocationsService;
  let streams: OpenStreams;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    service = new RevocationsService(loadConfiguration({ STATE_DIRECTORY: directory }), undefined);
    streams = new OpenStreams(service);
    await service.onApplicationBootstrap();
  });
  afterEach(() => {
    streams.onApplicationShutdown();
    service.onApplicationShutdown();
    rmSync(directory, { recursive: true });
  });

  /** Stores revocations, as another process does. */
  const store = async (...added: Revocation[]): Promise<void> => {
    await changeDocument(service.storage, (document) => withRevocations(document, added));
  };

  it('checks each stream once for all revocations that a load adds, and not for those that it removes', async () => {
    for (let count = 0; count < 10; count++) streams.open(aPrincipal(), () => {});
    await store(...Array.from({ length: 1_000 }, (_, count) => revoke(subject(`other_${count}`), TERMS)));
    streams.onApplicationShutdown(); // stops the regular checks
    const check = jest.spyOn(service, 'check');
    await service.reload();
    expect(check).toHaveBeenCalledTimes(10);
    await changeDocument(service.storage, (document) => withoutRevocation(document, subject('other_0')));
    await service.reload();
    expect(check).toHaveBeenCalledTimes(10);
  });

  it('ends a stream at once when the revocation of an older token covers its token too', async () => {
    const now = Date.now();
    const principal = aPrincipal({ issuedAt: Math.floor(now / 1_000) });
    const revoked = subject(principal.subject);
    await store(revoke(revoked, TERMS, now - 60_000));
    await service.reload();
    const end = jest.fn();
    streams.open(principal, end);
    await store(revoke(revoked, TERMS, now));
    await service.reload();
    expect(end).toHaveBeenCalledTimes(1);
  });
});
