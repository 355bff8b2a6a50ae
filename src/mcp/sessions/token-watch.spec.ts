import { aPrincipal } from '../../../test/support/principal.js';
import { type ChangeEvent, ChangeEvents } from '../events/change-events.js';
import type { OpenStreams } from '../events/open-streams.js';
import { ResourceUpdates } from '../events/resource-updates.js';
import { TokenWatch } from './token-watch.js';

const unused = {} as never;
const changed: ChangeEvent = { kind: 'list_changed', list: 'tools', audience: 'everybody' };

describe('TokenWatch', () => {
  let changes: ChangeEvents;
  let heard: ChangeEvent[];
  let watch: TokenWatch;
  beforeEach(() => {
    changes = new ChangeEvents(unused, unused, unused, new ResourceUpdates(undefined));
    heard = [];
    watch = new TokenWatch({
      changes,
      streams: { open: () => () => {} } as unknown as OpenStreams,
      followed: new Set(),
      onChange: (event) => heard.push(event),
      onEnd: () => {},
    });
  });
  const delivery = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  };

  it('misses no change when the token is renewed during the delivery', async () => {
    const slow = (): void => {
      const end = performance.now() + 10;
      while (performance.now() < end);
    };
    changes.listen(() => aPrincipal(), slow);
    watch.renew(aPrincipal());
    changes.publish(changed);
    expect(heard).toEqual([]);
    watch.renew(aPrincipal());
    await delivery();
    expect(heard).toEqual([changed]);
  });

  it('hears nothing after its end, and each change once after its renewal', async () => {
    watch.renew(aPrincipal());
    watch.stop();
    changes.publish(changed);
    await delivery();
    expect(heard).toEqual([]);
    watch.renew(aPrincipal());
    changes.publish(changed);
    await delivery();
    expect(heard).toEqual([changed]);
  });
});
