import { Logger } from '@nestjs/common';

import { aPrincipal } from '../../../test/support/principal.js';
import type { AuthorizationService } from '../authorization/authorization.service.js';
import type { CatalogService } from '../catalog/catalog.service.js';
import type { ToolPolicyService } from '../policy/tool-policy.service.js';
import { type ChangeEvent, ChangeEvents } from './change-events.js';
import { ResourceUpdates } from './resource-updates.js';

const unused = {} as unknown;
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
      unused as AuthorizationService,
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
});
