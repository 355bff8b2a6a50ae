import { ChildProcess } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from '../test/support/until.js';
import { runWorkers } from './workers.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const LISTENS = "require('node:http').createServer().listen(0, '127.0.0.1');";

describe('runWorkers', () => {
  const before = SIGNALS.map((signal) => process.listeners(signal));
  let directory: string;
  let lines: string[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-workers-'));
    const exec = join(directory, 'worker.cjs');
    writeFileSync(exec, LISTENS);
    cluster.setupPrimary({ exec, args: [], cwd: directory });
    lines = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  });
  afterEach(async () => {
    cluster.removeAllListeners();
    for (const [index, signal] of SIGNALS.entries()) {
      const own = process.listeners(signal).filter((listener) => !before[index]?.includes(listener));
      own.forEach((listener) => process.off(signal, listener));
    }
    for (const worker of Object.values(cluster.workers ?? {})) {
      if (!worker?.process.kill('SIGKILL')) continue;
      await once(worker, 'exit');
    }
    rmSync(directory, { recursive: true });
  });

  const listening = async (): Promise<Worker> => {
    const [worker] = (await once(cluster, 'listening')) as [Worker];
    return worker;
  };

  it('survives a connection that it cannot hand to a worker', async () => {
    runWorkers(1, false);
    const worker = await listening();
    worker.process.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(lines).toEqual([`Worker ${worker.process.pid} failed (EPIPE).\n`]);
  });

  it('tries again if a worker cannot be started', async () => {
    runWorkers(1, false);
    const worker = await listening();
    cluster.settings.cwd = join(directory, 'missing');
    const { pid } = worker.process;
    worker.process.kill('SIGKILL');
    const [failed] = (await once(cluster, 'fork')) as [Worker];
    expect(failed.process.pid).toBeUndefined();
    cluster.settings.cwd = directory;
    expect((await listening()).process.pid).toBeDefined();
    expect(lines).toEqual([
      `Worker ${pid} exited unexpectedly (SIGKILL).\n`,
      'A worker could not be started (ENOENT).\n',
    ]);
  });

  it.each([1, 2])(
    'stops if none of %i workers can be started, and sends no signal to them',
    async (count) => {
      cluster.settings.cwd = join(directory, 'missing');
      const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
      const kill = jest.spyOn(ChildProcess.prototype, 'kill');
      runWorkers(count, false);
      await until(() => exit.mock.calls.length === count);
      expect(exit).toHaveBeenCalledWith(1);
      expect(kill).not.toHaveBeenCalled();
    },
  );
});
