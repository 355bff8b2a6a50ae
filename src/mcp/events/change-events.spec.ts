import { Logger } from '@nestjs/common';

import { aPrincipal } from '../../../test/support/principal.js';
import type { AuthorizationService } from '../authorization/authorization.service.js';
import type { CatalogService } from '../catalog/catalog.service.js';
import type { ToolPolicyService } from '../policy/tool-policy.service.js';
import { type ChangeEvent, ChangeEvents } from './change-events.js';
import { ResourceUpdates } from './resource-updates.js';
import { MAX_WAITING_UPDATES } from './waiting-changes.js';

const unused = {} as unknown;
const allowing = { mayRead: () => true } as unknown;
const updated = (uri: string, organizationId: string): ChangeEvent => ({
  kind: 'resource_updated',
  uri,
  audience: { organizationId },
});
const changed = (list: 'tools' | 'prompts'): ChangeEvent => ({
  kind: 'list_changed',
  list,
  audience: 'everybody',
});

describe('ChangeEvents', () => {
  const create = (): ChangeEvents =>
    new ChangeEvents(
      unused as CatalogService,
      unused as ToolPolicyService,
      allowing as AuthorizationService,
      new ResourceUpdates(undefined),
    );
  const listener = aPrincipal();
  beforeAll(() => Logger.overrideLogger(false));

  it('notifies the listeners after a failing listener', async () => {
    const events = create();
    const heard: unknown[] = [];
    events.listen(
      () => listener,
      () => {
        throw new Error('The listener failed.');
      },
    );
    events.listen(
      () => listener,
      (event) => heard.push(event),
    );
    events.publish(changed('tools'));
    while (heard.length === 0) await new Promise(setImmediate);
    expect(heard).toEqual([changed('tools')]);
  });

  it('delivers changes of one turn once each, in order', async () => {
    const events = create();
    const heard: ChangeEvent[] = [];
    events.listen(
      () => listener,
      (event) => heard.push(event),
    );
    for (let change = 0; change < 200; change++) {
      events.publish(changed('tools'));
      events.publish(changed('prompts'));
    }
    await new Promise(setImmediate);
    events.publish(changed('tools'));
    await new Promise(setImmediate);
    expect(heard).toEqual([changed('tools'), changed('prompts'), changed('tools')]);
  });

  it('yields to other work between many listeners, and notifies each in order', async () => {
    const events = create();
    const heard = Array.from({ length: 40 }, (): string[] => []);
    for (const own of heard) {
      events.listen(
        () => listener,
        (event) => {
          own.push(event.kind === 'list_changed' ? event.list : '');
          const end = performance.now() + 1;
          while (performance.now() < end);
        },
      );
    }
    const leave = events.listen(
      () => listener,
      () => heard[0]?.push('notified after removal'),
    );
    events.publish(changed('tools'));
    events.publish(changed('prompts'));
    await new Promise(setImmediate);
    const soon = heard.filter((own) => own.length > 0).length;
    expect(soon).toBeGreaterThan(0);
    expect(soon).toBeLessThan(heard.length);
    leave();
    while (heard.at(-1)!.length < 2) await new Promise(setImmediate);
    expect(heard).toEqual(heard.map(() => ['tools', 'prompts']));
  });

  /** Lets a listener of an organization follow resources. Returns the URIs that it is notified of. */
  function follow(events: ChangeEvents, organizationId: string, uris: ReadonlySet<string>): string[] {
    const heard: string[] = [];
    const principal = aPrincipal({ organizationId });
    const notify = (event: ChangeEvent): void =>
      void heard.push(event.kind === 'resource_updated' ? event.uri : event.list);
    events.listen(() => principal, notify, uris);
    return heard;
  }

  it('keeps a limited number of updates, beyond which an organization is told of all that it follows', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const events = create();
    const acme = follow(events, 'org_acme', new Set(['row://1', 'row://19999', 'board://plan']));
    const globex = follow(events, 'org_globex', new Set(['row://1', 'board://plan']));
    events.publish(updated('row://1', 'org_globex'));
    for (let row = 0; row < 20_000; row++) {
      events.publish(updated(`row://${row}`, 'org_acme'));
      events.publish(updated(`row://${row}`, 'org_without_listeners'));
    }
    while (acme.length < 3) await new Promise(setImmediate);
    expect(acme).toEqual(['row://1', 'row://19999', 'board://plan']);
    expect(globex).toEqual(['row://1']);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^More than 10000 changes wait/)]]);

    events.publish(updated('row://1', 'org_acme'));
    while (acme.length < 4) await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(acme.slice(3)).toEqual(['row://1']);
    warn.mockRestore();
  });

  it('does not burden an organization with the updates of another', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const events = create();
    const acme = follow(events, 'org_acme', new Set(['row://1', 'board://plan']));
    const globex = follow(events, 'org_globex', new Set(['row://1', 'board://plan']));
    for (let row = 0; row < MAX_WAITING_UPDATES; row++) events.publish(updated(`row://${row}`, 'org_acme'));
    events.publish(updated('row://1', 'org_globex'));
    while (globex.length === 0) await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(acme).toEqual(['row://1', 'board://plan']);
    expect(globex).toEqual(['row://1']);
    warn.mockRestore();
  });

  it('does not compare each update with each listener', async () => {
    let comparisons = 0;
    class Followed extends Set<string> {
      override has(uri: string): boolean {
        comparisons++;
        return super.has(uri);
      }
    }
    const events = create();
    const uris = Array.from({ length: 500 }, (_none, row) => `row://${row}`);
    const heard = uris.map((uri) => follow(events, 'org_acme', new Followed([uri, `${uri}/parent`])));
    for (const uri of uris) events.publish(updated(uri, 'org_acme'));
    while (heard.some(({ length }) => length === 0)) await new Promise(setImmediate);
    expect(heard).toEqual(uris.map((uri) => [uri]));
    expect(comparisons).toBeLessThan(10 * uris.length);
  });
});
