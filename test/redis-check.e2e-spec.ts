import { Redis as IoRedis } from 'ioredis';

import { checkRedis } from '../src/cli/check/check-redis.js';
import { loadConfiguration } from '../src/config/load-configuration.js';
import { command, RedisProcesses, startCluster } from './support/redis-topologies.js';
import { type RedisServer, startRedis } from './support/redis.js';

/** Permissions of the ACL user in docs/deploy.md. */
const PERMISSIONS =
  '~aerie:* &aerie:* -@all +@connection +@read +@write +@scripting +@pubsub -@dangerous +info +cluster|slots +cluster|shards +cluster|info';

describe('the check of Redis', () => {
  const warningsOf = async (url: string): Promise<readonly string[]> =>
    (await checkRedis(loadConfiguration({ REDIS_URL: url }))).warnings;

  describe('with an ACL user', () => {
    let server: RedisServer;
    let admin: IoRedis;
    beforeAll(async () => {
      server = await startRedis();
      admin = new IoRedis(server.url);
    });
    afterAll(async () => {
      admin.disconnect();
      await server.stop();
    });

    it.each([
      ['without channels', '+@all ~* resetchannels', '&aerie:*'],
      ['with other channels', '+@all ~* resetchannels &app:*', '&aerie:*'],
      ['with some of the channels', '+@all ~* resetchannels &aerie:revocations', '&aerie:*'],
      ['that may not subscribe', '+@all ~* &* -@pubsub', '&aerie:* +@pubsub'],
    ])('names the permission that a user %s lacks', async (_what, permissions, missing) => {
      await admin.call('ACL', 'SETUSER', 'limited', 'reset', 'on', '>secret', ...permissions.split(' '));
      const [warning, ...others] = await warningsOf(server.url.replace('//', '//limited:secret@'));
      expect(others).toEqual([]);
      expect(warning).toContain('NOPERM');
      expect(warning).toContain(`ACL SETUSER limited ${missing}`);
      expect(warning).not.toContain('secret');
    });

    it('asks for the channels of the database in REDIS_URL', async () => {
      const channels = '&aerie:revocations &aerie:revocations:answers &aerie:resource-updates';
      const permissions = `reset on >secret +@all ~* ${channels}`;
      await admin.call('ACL', 'SETUSER', 'limited', ...permissions.split(' '));
      const url = server.url.replace('//', '//limited:secret@');
      expect(await warningsOf(url)).toEqual([]);
      expect(await warningsOf(`${url}/1`)).toEqual([expect.stringContaining('&aerie:*')]);
    });

    it('accepts the user of the documentation, and the default user', async () => {
      await admin.call('ACL', 'SETUSER', 'aerie', 'reset', 'on', '>secret', ...PERMISSIONS.split(' '));
      expect(await warningsOf(server.url.replace('//', '//aerie:secret@'))).toEqual([]);
      expect(await warningsOf(server.url)).toEqual([]);
    });
  });

  it('names the permission that a user of a cluster lacks', async () => {
    const processes = new RedisProcesses();
    try {
      const { url, servers: ports } = await startCluster(processes);
      expect(await warningsOf(url)).toEqual([]);
      const permissions = PERMISSIONS.replace('&aerie:*', 'resetchannels').split(' ');
      for (const port of ports)
        await command(port, 'ACL', 'SETUSER', 'aerie', 'on', '>secret', ...permissions);
      const warnings = await warningsOf(url.replace('//', '//aerie:secret@'));
      expect(warnings).toEqual([expect.stringContaining('ACL SETUSER aerie &aerie:*')]);
    } finally {
      await processes.end();
    }
  });
});
