import { Redis } from 'ioredis';

import { ResourceUpdates } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { Listener } from './support/listener.js';
import { type RedisServer, startRedis } from './support/redis.js';
import { postModern, toolCall } from './support/rpc.js';
import { WatchedToolsModule } from './support/watched.tools.js';
import { until } from './support/until.js';

const BOARD = 'board://plan';
const CHANNEL = 'aerie:resource-updates';

describe('updates that instances share', () => {
  let redis: RedisServer;
  let here: Aerie;
  let there: Aerie;
  beforeEach(async () => {
    redis = await startRedis();
    const environment = { REDIS_URL: redis.url };
    here = await startAerie({ environment, modules: [WatchedToolsModule] });
    there = await startAerie({ environment, modules: [WatchedToolsModule] });
    await subscribed();
  });
  afterEach(async () => {
    await here?.close();
    await there?.close();
    await redis.stop();
  });

  /** Waits until all instances listen to Redis. */
  async function subscribed(instances = 2): Promise<void> {
    const connection = new Redis(redis.url);
    try {
      await until(async () => (await connection.pubsub('NUMSUB', CHANNEL))[1] === instances);
    } finally {
      connection.disconnect();
    }
  }

  const tokenAt = (aerie: Aerie, organizationId: string): Promise<string> =>
    aerie.token({ scope: 'todo:read', claims: { oid: organizationId } });
  const listenAt = async (aerie: Aerie, organizationId: string): Promise<Listener> =>
    Listener.open(aerie.url, await tokenAt(aerie, organizationId), {
      resourceSubscriptions: [BOARD],
      resourcesListChanged: true,
    });
  const callHere = async (name: string, args?: object): Promise<void> => {
    const response = await postModern(here.url, await tokenAt(here, 'org_acme'), toolCall(name, args));
    expect(response.status).toBe(200);
  };
  const touch = (): Promise<void> => callHere('change', { uri: BOARD });
  const UPDATED = `notifications/resources/updated ${BOARD}`;

  it('reach listeners of the same organization on every instance once', async () => {
    const [near, far, stranger] = [
      await listenAt(here, 'org_acme'),
      await listenAt(there, 'org_acme'),
      await listenAt(there, 'org_globex'),
    ];
    await touch();
    await far.heard(2);
    await callHere('add');
    await far.heard(3);
    expect(far.events).toEqual([UPDATED, 'notifications/resources/list_changed']);
    expect(near.events).toEqual(far.events);
    expect(stranger.events).toEqual([]);
  });

  it('notify listeners of all that they follow if too many wait', async () => {
    const far = await listenAt(there, 'org_acme');
    const stranger = await listenAt(there, 'org_globex');
    const updates = here.application.get(ResourceUpdates);
    for (let row = 0; row < 20_000; row++) {
      updates.resourceUpdated(`row://${row}`, { organizationId: 'org_acme' });
    }
    await far.heard(2);
    expect(far.events).toEqual([UPDATED]);
    expect(stranger.events).toEqual([]);
  });

  it('reach other instances if they are announced just before a shutdown', async () => {
    const far = await listenAt(there, 'org_acme');
    const job = await startAerie({ environment: { REDIS_URL: redis.url } });
    await subscribed(3);
    const updates = job.application.get(ResourceUpdates);
    for (let row = 0; row < 500; row++) {
      updates.resourceUpdated(`row://${row}`, { organizationId: 'org_acme' });
    }
    updates.resourceUpdated(BOARD, { organizationId: 'org_acme' });
    await job.close();
    await far.heard(2);
    expect(far.events).toEqual([UPDATED]);
  });

  it('of a caller without an organization reach only the same subject of the same issuer', async () => {
    // Each instance trusts another issuer.
    const claims = { sub: 'usr_same', oid: undefined, org_id: undefined };
    const tokenOf = (aerie: Aerie): Promise<string> => aerie.token({ scope: 'todo:read', claims });
    const listening = { resourceSubscriptions: [BOARD], resourcesListChanged: true };
    const near = await Listener.open(here.url, await tokenOf(here), listening);
    const far = await Listener.open(there.url, await tokenOf(there), listening);
    const response = await postModern(here.url, await tokenOf(here), toolCall('change', { uri: BOARD }));
    expect(response.status).toBe(200);
    here.application.get(ResourceUpdates).resourceListChanged('everybody');
    await far.heard(2);
    await near.heard(3);
    expect(near.events).toEqual([UPDATED, 'notifications/resources/list_changed']);
    expect(far.events).toEqual(['notifications/resources/list_changed']);
  });

  it('reach local listeners while Redis is down, and all listeners afterwards', async () => {
    const [near, far] = [await listenAt(here, 'org_acme'), await listenAt(there, 'org_acme')];
    await redis.stop();
    const logged = here.logs.length;
    await touch();
    await touch();
    await near.heard(3);
    const warnings = here.logs
      .slice(logged)
      .filter((line) => line.includes('resource updates reach only listeners on this instance'));
    expect(warnings).toHaveLength(1);
    await redis.start();
    await subscribed();
    // The publishing connection reconnects by itself too.
    await until(async () => {
      await touch();
      return far.messages.length >= 2;
    });
    expect(far.events[0]).toBe(UPDATED);
  });

  it('cannot be forged by other writers of the channel', async () => {
    const far = await listenAt(there, 'org_acme');
    const connection = new Redis(redis.url);
    try {
      const from = '3b241101-e2bb-4255-8caf-4136c566a962';
      const event = { kind: 'resource_updated', uri: BOARD, audience: { organizationId: 'org_acme' } };
      for (const text of [
        'no JSON',
        'null',
        JSON.stringify({ event }),
        JSON.stringify({ from, event: { ...event, audience: 'all' } }),
        JSON.stringify({ from, event: { ...event, audience: { organizationId: 'org_acme', more: 1 } } }),
        JSON.stringify({ from, event: { kind: 'list_changed', list: 'tools', audience: 'everybody' } }),
      ]) {
        await connection.publish(CHANNEL, text);
      }
      await connection.publish(CHANNEL, JSON.stringify({ from, event }));
      await far.heard(2);
      expect(far.events).toEqual([UPDATED]);
    } finally {
      connection.disconnect();
    }
  });

  it('send only the organization and the URI to Redis', async () => {
    const connection = new Redis(redis.url);
    try {
      const heard = new Promise<string>((resolve) => {
        connection.on('message', (_channel, text) => resolve(text));
      });
      await connection.subscribe(CHANNEL);
      await touch();
      expect(JSON.parse(await heard)).toEqual({
        from: expect.any(String),
        event: { kind: 'resource_updated', uri: BOARD, audience: { organizationId: 'org_acme' } },
      });
    } finally {
      connection.disconnect();
    }
  });
});
