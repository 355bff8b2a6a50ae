import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Cores of the server and of the load. */
export interface Pinning {
  readonly server: string;
  readonly load: string;
}

/** Pins this process, which creates the load, to the last core. Returns undefined if pinning is not possible. */
export function pinLoad(): Pinning | undefined {
  if (availableParallelism() < 2 || spawnSync('taskset', ['--version']).status !== 0) return undefined;
  const said = execFileSync('taskset', ['-c', '-p', String(process.pid)], { encoding: 'utf8' });
  const cores = said.split(':').at(-1)?.trim().match(/\d+/g);
  const [server, load] = [cores?.at(0), cores?.at(-1)];
  if (server === undefined || load === undefined || server === load) return undefined;
  execFileSync('taskset', ['-a', '-c', '-p', load, String(process.pid)]);
  return { server, load };
}

/** Wraps a command so that it runs on the server's core. */
export const onServerCore = (pinning: Pinning | undefined, command: readonly string[]): readonly string[] =>
  pinning ? ['taskset', '-c', pinning.server, ...command] : command;
