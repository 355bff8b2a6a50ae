import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { freePort } from './ports.js';
import { until } from './until.js';

/** Real Redis processes in a folder of their own. */
export class RedisProcesses {
  readonly folder = mkdtempSync(join(tmpdir(), 'aerie-redis-'));
  readonly #running = new Map<number, ChildProcess>();

  /**
   * Starts a process on a free port.
   *
   * @param options returns its options, for its port
   * @returns the port
   */
  async start(options: (port: number) => readonly string[], isSentinel = false): Promise<number> {
    const port = await freePort();
    const file = join(this.folder, `${port}.conf`);
    const common = ['bind 127.0.0.1', `dir ${this.folder}`, ...(isSentinel ? [] : ['save ""'])];
    writeFileSync(file, [...common, ...options(port)].join('\n'));
    const process = spawn('redis-server', [file, ...(isSentinel ? ['--sentinel'] : [])], { stdio: 'ignore' });
    this.#running.set(port, process);
    return port;
  }

  /** Stops a process in the middle of what it does, so that it accepts connections and never answers. */
  hang(port: number): void {
    this.#running.get(port)?.kill('SIGSTOP');
  }

  /** Kills a process. */
  async kill(port: number): Promise<void> {
    const process = this.#running.get(port);
    if (!process) throw new Error(`Nothing runs on ${port}.`);
    this.#running.delete(port);
    if (process.exitCode !== null) return;
    process.kill('SIGKILL');
    await once(process, 'exit');
  }

  async end(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((port) => this.kill(port)));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Sends a command to a server over a connection of its own, once the server answers. */
export async function command(port: number, name: string, ...parameters: string[]): Promise<unknown> {
  const redis = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 200, retryStrategy: () => 20 });
  redis.on('error', () => {});
  try {
    return await redis.call(name, ...parameters);
  } finally {
    redis.disconnect();
  }
}

/** Ports of a started topology. */
export interface Topology {
  readonly url: string;
  readonly master: number;
  /** All servers with data. */
  readonly servers: readonly number[];
  readonly sentinels: readonly number[];
}

/** Starts a master, a replica, and Sentinels that agree on a failover within a second. */
export async function startSentinels(processes: RedisProcesses): Promise<Topology> {
  const listening = (port: number): string[] => [`port ${port}`, 'repl-diskless-sync-delay 0'];
  const master = await processes.start(listening);
  const replica = await processes.start((port) => [...listening(port), `replicaof 127.0.0.1 ${master}`]);
  await until(async () => String(await command(replica, 'INFO', 'replication')).includes('link_status:up'));
  const watching = [
    `sentinel monitor mymaster 127.0.0.1 ${master} 2`,
    'sentinel down-after-milliseconds mymaster 500',
    'sentinel failover-timeout mymaster 2000',
  ];
  const sentinels: number[] = [];
  for (let count = 0; count < 3; count++) {
    sentinels.push(await processes.start((port) => [`port ${port}`, ...watching], true));
  }
  for (const port of sentinels) {
    await until(async () => {
      const found = String(await command(port, 'INFO', 'sentinel'));
      return found.includes('slaves=1,sentinels=3');
    });
  }
  const hosts = sentinels.map((port) => `127.0.0.1:${port}`).join(',');
  return { url: `redis+sentinel://${hosts}/mymaster`, master, servers: [master, replica], sentinels };
}

/** Starts a Cluster of three masters, each with a replica. */
export async function startCluster(processes: RedisProcesses): Promise<Topology> {
  const ports: number[] = [];
  const ids: string[] = [];
  // By default, nodes talk on their port plus 10,000, which may be in use.
  const buses: number[] = [];
  for (let count = 0; count < 6; count++) {
    const bus = await freePort();
    const port = await processes.start((own) => [
      `port ${own}`,
      'cluster-enabled yes',
      `cluster-port ${bus}`,
      `cluster-config-file ${own}.nodes`,
      'cluster-node-timeout 1000',
      'repl-diskless-sync-delay 0',
    ]);
    buses.push(bus);
    ports.push(port);
    ids.push(String(await command(port, 'CLUSTER', 'MYID')));
  }
  const [first = 0, ...others] = ports;
  for (const [index, range] of [
    ['0', '5460'],
    ['5461', '10922'],
    ['10923', '16383'],
  ].entries()) {
    await command(ports[index] ?? 0, 'CLUSTER', 'ADDSLOTSRANGE', ...range);
    await command(ports[index] ?? 0, 'CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  for (const [index, port] of ports.entries()) {
    if (port !== first) await command(first, 'CLUSTER', 'MEET', '127.0.0.1', `${port}`, `${buses[index]}`);
  }
  const knownBy = async (port: number): Promise<string> => String(await command(port, 'CLUSTER', 'NODES'));
  for (const port of ports) await until(async () => (await knownBy(port)).trim().split('\n').length === 6);
  for (const [index, port] of ports.slice(3).entries()) {
    await until(() =>
      command(port, 'CLUSTER', 'REPLICATE', ids[index] ?? '').then(
        () => true,
        () => false,
      ),
    );
  }
  for (const port of ports) {
    await until(async () => String(await command(port, 'CLUSTER', 'INFO')).includes('cluster_state:ok'));
  }
  const url = `redis+cluster://127.0.0.1:${first},127.0.0.1:${others[0]}`;
  return { url, master: first, servers: ports, sentinels: [] };
}
