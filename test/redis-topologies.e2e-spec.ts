import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Redis as IoRedis } from 'ioredis';

import { RedisRevocations } from '../src/auth/revocation/redis-revocations.js';
import { withRevocations } from '../src/auth/revocation/revocation-document.js';
import { changeDocument } from '../src/auth/revocation/revocation-storage.js';
import { revoke } from '../src/auth/revocation/revocation.js';
import { Reloads } from '../src/config/reloads.js';
import { ResourceUpdates } from '../src/mcp/index.js';
import type { Redis } from '../src/redis/redis.js';
import { REDIS } from '../src/redis/redis.module.js';
import { ConfigurationReload, textsOf } from '../src/reload.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { createCertificates } from './support/certificates.js';
import { command, RedisProcesses, startCluster, startSentinels } from './support/redis-topologies.js';
import { message, post, toolCall } from './support/rpc.js';
import { eventually, until } from './support/until.js';

/** Permissions of the ACL user in docs/deploy.md. */
const PERMISSIONS =
  '~aerie:* &aerie:* -@all +@connection +@read +@write +@scripting +@pubsub -@dangerous +info +cluster|slots +cluster|shards +cluster|info';
/** Permissions of the Sentinels' ACL user in docs/deploy.md. */
const SENTINEL_PERMISSIONS =
  '-@all +@connection +info +role +sentinel|get-master-addr-by-name +sentinel|sentinels';
const CALL = message(toolCall('whoami'));

describe('Redis', () => {
  let processes: RedisProcesses;
  let instances: Aerie[];
  beforeEach(() => {
    processes = new RedisProcesses();
    instances = [];
  });
  afterEach(async () => {
    await Promise.all(instances.map((aerie) => aerie.close()));
    await processes.end();
  });

  const redisOf = (aerie: Aerie): Redis => aerie.application.get<Redis>(REDIS, { strict: false });
  const start = async (environment: NodeJS.ProcessEnv): Promise<Aerie> => {
    const aerie = await startAerie({ environment });
    instances.push(aerie);
    await until(() => redisOf(aerie).status === 'ready');
    return aerie;
  };
  /** Starts an instance that accepts the tokens of another one. */
  const startSecond = ({ issuer, url }: Aerie, environment: NodeJS.ProcessEnv): Promise<Aerie> =>
    start({ ...environment, SK_ENV_URL: issuer.url, RESOURCE_URL: url, MCP_PATH: '/mcp' });
  const statusAt = async ({ url }: Aerie, token: string): Promise<number> =>
    (await post(url, token, CALL)).status;
  const remainingAt = async ({ url }: Aerie, token: string): Promise<number> => {
    const response = await post(url, token, CALL);
    expect(response.status).toBe(200);
    return Number(response.headers.get('ratelimit-remaining'));
  };
  const revokeAt = async (aerie: Aerie, id: string): Promise<void> => {
    const revocation = revoke({ what: 'subject', id }, { maxTokenLifetime: 60_000 });
    const storage = new RedisRevocations(redisOf(aerie));
    await changeDocument(storage, (document) => withRevocations(document, [revocation]));
  };
  const reloadOf = (aerie: Aerie): ConfigurationReload =>
    new ConfigurationReload(
      aerie.application.get(Reloads, { strict: false }),
      textsOf(aerie.variables),
      undefined,
      () => Promise.resolve(aerie.variables),
    );

  it.each<[string, typeof startSentinels | typeof startCluster, 'hang' | 'kill']>([
    ['Sentinels', startSentinels, 'hang'],
    ['a Cluster', startCluster, 'kill'],
  ])(
    'through %s, limits, revocations and updates are shared, also after a failover',
    async (_what, open, fail) => {
      const { url, master } = await open(processes);
      const environment = { REDIS_URL: url, RATE_LIMIT_CALLER: '1000/h', RATE_LIMIT_EXACT: 'on' };
      const one = await start(environment);
      const other = await startSecond(one, environment);
      const tokenOf = (sub: string): Promise<string> => one.token({ claims: { sub } });
      const [alice, bob, carol] = await Promise.all(['usr_alice', 'usr_bob', 'usr_carol'].map(tokenOf));
      if (!alice || !bob || !carol) throw new Error('No token was signed.');
      let updates = 0;
      other.application.get(ResourceUpdates, { strict: false }).onChange(() => updates++);
      const announce = (): void =>
        one.application.get(ResourceUpdates, { strict: false }).resourceListChanged('everybody');
      const areShared = async (): Promise<void> => {
        await eventually(async () => {
          const before = await remainingAt(one, alice);
          return before - (await remainingAt(other, alice));
        }, 1);
        const before = updates;
        await until(() => {
          announce();
          return updates > before;
        });
      };

      await areShared();
      await revokeAt(one, 'usr_bob');
      await eventually(() => statusAt(other, bob), 401);

      await processes[fail](master);
      // Calls are served without Redis meanwhile.
      await areShared();
      expect(await statusAt(other, bob)).toBe(401);
      await until(() =>
        revokeAt(one, 'usr_carol').then(
          () => true,
          () => false,
        ),
      );
      await eventually(() => statusAt(other, carol), 401);
    },
  );

  it.each([
    ['Sentinels', startSentinels],
    ['a Cluster', startCluster],
  ])('through %s, with ACL users, adopts a changed password when it reconnects', async (_what, open) => {
    const { url, servers, sentinels } = await open(processes);
    const setUser = async (ports: readonly number[], user: string, rules: string): Promise<void> => {
      await Promise.all(ports.map((port) => command(port, 'ACL', 'SETUSER', user, ...rules.split(' '))));
    };
    await setUser(servers, 'aerie', `on >first ${PERMISSIONS}`);
    await setUser(sentinels, 'watcher', `on >guard ${SENTINEL_PERMISSIONS}`);
    await setUser(sentinels, 'default', '-sentinel|get-master-addr-by-name');
    const file = join(processes.folder, 'password');
    writeFileSync(file, 'first');
    const aerie = await start({
      REDIS_URL: url.replace('://', '://aerie@'),
      REDIS_PASSWORD_FILE: file,
      ...(sentinels.length > 0 && { REDIS_SENTINEL_USERNAME: 'watcher', REDIS_SENTINEL_PASSWORD: 'guard' }),
    });
    const reload = reloadOf(aerie);
    try {
      await revokeAt(aerie, 'usr_bob');
      writeFileSync(file, 'second');
      await setUser(servers, 'aerie', '>second');
      await reload.reload();
      await setUser(servers, 'aerie', '<first');
      await Promise.all(servers.map((port) => command(port, 'CLIENT', 'KILL', 'USER', 'aerie')));
      await until(() =>
        revokeAt(aerie, 'usr_carol').then(
          () => true,
          () => false,
        ),
      );
      const subscribers = (port: number): Promise<unknown> =>
        command(port, 'PUBSUB', 'NUMSUB', 'aerie:revocations').then((answer) => (answer as unknown[])[1]);
      await eventually(async () => (await Promise.all(servers.map(subscribers))).includes(1), true);
      expect(await statusAt(aerie, await aerie.token())).toBe(200);
    } finally {
      reload.stop();
    }
  });

  it('with TLS, a client certificate and an ACL user, adopts a changed password when it reconnects', async () => {
    const { ca, server, client } = createCertificates(processes.folder, ['redis.test']);
    const encrypted = (port: number): string[] => [
      'port 0',
      `tls-port ${port}`,
      `tls-ca-cert-file ${ca}`,
      `tls-cert-file ${server}.pem`,
      `tls-key-file ${server}.key`,
      'requirepass admin',
      `user aerie on >first ${PERMISSIONS}`,
    ];
    const port = await processes.start(encrypted);
    const file = join(processes.folder, 'password');
    writeFileSync(file, 'first');
    const aerie = await start({
      REDIS_URL: `rediss://aerie@127.0.0.1:${port}`,
      REDIS_PASSWORD_FILE: file,
      REDIS_TLS_CA_FILE: ca,
      REDIS_TLS_CERTIFICATE_FILE: `${client}.pem`,
      REDIS_TLS_KEY_FILE: `${client}.key`,
      REDIS_TLS_SERVER_NAME: 'redis.test',
    });
    const redis = redisOf(aerie);
    const reload = reloadOf(aerie);
    const admin = new IoRedis({
      host: '127.0.0.1',
      port,
      password: 'admin',
      tls: {
        ca: readFileSync(ca),
        cert: readFileSync(`${client}.pem`),
        key: readFileSync(`${client}.key`),
        servername: 'redis.test',
      },
    });
    try {
      await revokeAt(aerie, 'usr_bob');
      await admin.call('ACL', 'SETUSER', 'aerie', 'resetpass', '>second');
      writeFileSync(file, 'second');
      await reload.reload();
      const isLost = once(redis, 'close');
      await admin.call('CLIENT', 'KILL', 'USER', 'aerie');
      await isLost;
      await until(() => redis.status === 'ready');
      await eventually(() => admin.call('PUBSUB', 'NUMSUB', 'aerie:revocations'), ['aerie:revocations', 1]);
      await revokeAt(aerie, 'usr_carol');
      expect(await statusAt(aerie, await aerie.token())).toBe(200);
    } finally {
      reload.stop();
      admin.disconnect();
    }
  });
});
