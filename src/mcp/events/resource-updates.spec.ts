import { Logger } from '@nestjs/common';

import type { Redis } from '../../redis/redis.js';
import { MAX_SENT_AT_ONCE } from './outgoing-changes.js';
import { ResourceUpdates } from './resource-updates.js';

const ACME = { organizationId: 'org_acme' };
const GLOBEX = { organizationId: 'org_globex' };
const updated = (uri: string, audience: object): object => ({ kind: 'resource_updated', uri, audience });

describe('ResourceUpdates', () => {
  let sent: { readonly event: unknown }[];
  const create = (publish: () => Promise<unknown>): ResourceUpdates => {
    const connection = {
      isCluster: false,
      options: {},
      publish: (_channel: string, text: string) => {
        sent.push(JSON.parse(text) as { readonly event: unknown });
        return publish();
      },
    };
    return new ResourceUpdates(connection as unknown as Redis);
  };
  let warn: jest.SpyInstance;
  beforeEach(() => {
    sent = [];
    warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
  });
  afterEach(() => warn.mockRestore());
  const sentEvents = (): unknown[] => sent.map(({ event }) => event);
  const soon = (): Promise<void> => new Promise(setImmediate);

  it('keeps a limited number of commands pending while Redis does not answer', async () => {
    const updates = create(() => new Promise(() => {}));
    for (let row = 0; row < 10_000; row++) {
      updates.resourceUpdated(`row://${row}`, ACME);
      updates.resourceUpdated('board://plan', ACME);
    }
    await soon();
    expect(sent.length).toBeLessThanOrEqual(MAX_SENT_AT_ONCE);
  });

  it('sends equal events that wait once', async () => {
    const updates = create(soon);
    for (let count = 0; count < 500; count++) {
      updates.resourceUpdated('row://1', ACME);
      updates.resourceUpdated('row://1', GLOBEX);
    }
    await updates.onApplicationShutdown();
    const [acme, globex] = [updated('row://1', ACME), updated('row://1', GLOBEX)];
    expect(sentEvents()).toHaveLength(3);
    expect(sentEvents()).toEqual(expect.arrayContaining([acme, globex]));
    expect(sentEvents()[0]).toEqual(acme);
    expect(warn).not.toHaveBeenCalled();
  });

  it('sends many updates in order, also those that wait at shutdown', async () => {
    const updates = create(soon);
    const uris = Array.from({ length: 1_000 }, (_none, row) => `row://${row}`);
    for (const uri of uris) updates.resourceUpdated(uri, ACME);
    await updates.onApplicationShutdown();
    expect(sentEvents()).toEqual(uris.map((uri) => updated(uri, ACME)));
  });

  it('sends one event for too many updates of an audience', async () => {
    const updates = create(soon);
    for (let row = 0; row < 20_000; row++) updates.resourceUpdated(`row://${row}`, ACME);
    updates.resourceUpdated('row://1', GLOBEX);
    await updates.onApplicationShutdown();
    const all = { kind: 'all_resources_updated', audience: ACME };
    expect(sentEvents()).toEqual([updated('row://0', ACME), all, updated('row://1', GLOBEX)]);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^More than 10000 changes wait/)]]);
  });

  it('sends one event for the updates of too many audiences', async () => {
    const updates = create(soon);
    for (let user = 0; user < 15_000; user++) {
      const audience = { issuer: 'https://issuer.example', subject: `usr_${user}` };
      updates.resourceListChanged(audience);
      updates.resourceUpdated('profile://me', audience);
    }
    await updates.onApplicationShutdown();
    expect(sent.length).toBeLessThan(15_000);
    expect(sentEvents()).toContainEqual({ kind: 'all_resources_updated', audience: 'everybody' });
    expect(sentEvents()).toContainEqual({ kind: 'list_changed', list: 'resources', audience: 'everybody' });
  });

  it('sends no update of resources if only the lists of too many audiences have changed', async () => {
    const updates = create(soon);
    for (let user = 0; user < 15_000; user++) {
      updates.resourceListChanged({ issuer: 'https://issuer.example', subject: `usr_${user}` });
    }
    await updates.onApplicationShutdown();
    const lists = { kind: 'list_changed', list: 'resources', audience: 'everybody' };
    expect(sentEvents()).toContainEqual(lists);
    const all = { kind: 'all_resources_updated', audience: 'everybody' };
    expect(sentEvents()).not.toContainEqual(all);
  });
});
