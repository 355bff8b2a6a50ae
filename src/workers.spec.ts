import { ChildProcess } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import inspector from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { until } from '../test/support/until.js';
import { runWorkers } from './workers.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const LISTENS = "require('node:http').createServer().listen(0, '127.0.0.1');";
const START = { envFile: 'LOG_LEVEL=info', texts: { LOG_LEVEL: 'info' } };

describe('runWorkers', () => {
  const before = SIGNALS.map((signal) => process.listeners(signal));
  let directory: string;
  let lines: string[];
  let timers: readonly jest.SpyInstance<NodeJS.Timeout>[];
  beforeEach(() => {
    timers = [jest.spyOn(globalThis, 'setInterval'), jest.spyOn(globalThis, 'setTimeout')];
    directory = mkdtempSync(join(tmpdir(), 'aerie-workers-'));
    script(LISTENS);
    cluster.setupPrimary({
      exec: join(directory, 'worker.cjs'),
      args: [],
      execArgv: [],
      cwd: directory,
    });
    lines = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      const line = String(text);
      return line.includes('ExperimentalWarning') || lines.push(line) > 0; // of Jest on Node.js 22
    });
  });
  afterEach(async () => {
    for (const { value } of timers.flatMap(({ mock }) => mock.results)) clearTimeout(value as NodeJS.Timeout);
    jest.restoreAllMocks();
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

  const script = (code: string): void => writeFileSync(join(directory, 'worker.cjs'), code);
  const listening = async (): Promise<Worker> => {
    const [worker] = (await once(cluster, 'listening')) as [Worker];
    return worker;
  };

  it('survives a connection that it cannot hand to a worker', async () => {
    runWorkers(1, START, false);
    const worker = await listening();
    worker.process.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(lines).toEqual([`Worker ${worker.process.pid} failed (EPIPE).\n`]);
  });

  it('tries again if a worker cannot be started', async () => {
    runWorkers(1, START, false);
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

  it('starts a worker with the configuration that the others have reloaded', async () => {
    script(`process.once('message', (start) => {
        require('node:fs').appendFileSync('starts', JSON.stringify(start) + '\\n');
        process.send({ reloaded: { LOG_LEVEL: start.texts.LOG_LEVEL + '!' } });
        ${LISTENS}
      });
      process.send('aerie:start');`);
    runWorkers(1, START, false, { restart: 1 });
    (await listening()).process.kill('SIGKILL');
    await listening();
    const starts = readFileSync(join(directory, 'starts'), 'utf8').trimEnd().split('\n');
    expect(starts.map((start): unknown => JSON.parse(start))).toEqual([
      START,
      { ...START, texts: { LOG_LEVEL: 'info!' } },
    ]);
  });

  it('waits longer after each failed start, and stops when no worker has listened for some time', async () => {
    const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
    runWorkers(1, START, false, { restart: 50, giveUp: 1_500 });
    const worker = await listening();
    script('process.exit(1);');
    worker.process.kill('SIGKILL');
    await until(() => exit.mock.calls.length > 0, 10_000);
    expect(exit).toHaveBeenCalledWith(1);
    const exits = lines.filter((line) => line.endsWith('exited unexpectedly (1).\n'));
    // After 50, 100, 200 and 400 ms, in addition to the time that a process takes to start.
    expect(exits.length).toBeGreaterThan(1);
    expect(exits.length).toBeLessThan(6);
    expect(lines.at(-1)).toBe('No worker has listened for 1.5 s. The server stops.\n');
  });

  it.each([1, 2])(
    'stops if none of %i workers can be started, and sends no signal to them',
    async (count) => {
      cluster.settings.cwd = join(directory, 'missing');
      const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
      const kill = jest.spyOn(ChildProcess.prototype, 'kill');
      runWorkers(count, START, false);
      await until(() => exit.mock.calls.length === count);
      expect(exit).toHaveBeenCalledWith(1);
      expect(kill).not.toHaveBeenCalled();
    },
  );

  it('ends a worker that hangs after a second signal', async () => {
    const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
    runWorkers(1, START, false, { repeat: 50, stop: 200 });
    const worker = await listening();
    worker.process.kill('SIGSTOP');
    process.emit('SIGTERM', 'SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(worker.isDead()).toBe(false);
    process.emit('SIGTERM', 'SIGTERM');
    await until(() => exit.mock.calls.length > 0);
    expect([exit.mock.calls, worker.process.signalCode]).toEqual([[[1]], 'SIGKILL']);
  });

  it('ends a worker that has not listened soon after a signal', async () => {
    const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
    script("process.on('SIGTERM', () => {}); process.send('ready'); setInterval(() => {}, 1_000);");
    runWorkers(1, START, false, { stop: 200 });
    const [worker] = (await once(cluster, 'message')) as [Worker];
    process.emit('SIGTERM', 'SIGTERM');
    await until(() => exit.mock.calls.length > 0);
    expect(worker.process.signalCode).toBe('SIGKILL');
  });

  it('replaces a worker that hangs, but none that answers', async () => {
    const answers =
      "process.on('message', (message) => message === 'aerie:ping' && process.send('aerie:pong'));";
    script(`${answers} ${LISTENS}`);
    runWorkers(1, START, false, { restart: 1, ping: 200 });
    const busy = await listening();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect([busy.isDead(), lines]).toEqual([false, []]);

    script(`${LISTENS} setTimeout(() => { for (;;); }, 100);`);
    busy.process.kill('SIGKILL');
    const hung = await listening();
    script(`${answers} ${LISTENS}`);
    const next = await listening();
    expect(next.process.pid).not.toBe(hung.process.pid);
    expect(lines.slice(1)).toEqual([
      `Worker ${hung.process.pid} has not answered for 1.2 s and is killed.\n`,
      `Worker ${hung.process.pid} exited unexpectedly (SIGKILL).\n`,
    ]);
  });

  it('lets a worker start slowly, also when no other one listens', async () => {
    const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
    runWorkers(1, START, false, { restart: 1, giveUp: 300, ping: 50 });
    const worker = await listening();
    script(`setTimeout(() => { ${LISTENS} }, 1_500);`);
    worker.process.kill('SIGKILL');
    await listening();
    expect(exit).not.toHaveBeenCalled();
    expect(lines).toEqual([`Worker ${worker.process.pid} exited unexpectedly (SIGKILL).\n`]);
  });

  it('kills no worker under a debugger', async () => {
    inspector.open(0, '127.0.0.1');
    try {
      runWorkers(1, START, false, { ping: 20 });
      await listening();
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(lines).toEqual([]);
    } finally {
      inspector.close();
    }
  });

  it('kills no worker whose debugger was opened later', async () => {
    cluster.setupPrimary({ execArgv: ['--experimental-strip-types'] }); // for Node.js 22
    const channel = pathToFileURL('src/worker-channel.ts').href;
    script(`import('${channel}').then(async ({ receiveStart }) => {
        await receiveStart();
        require('node:inspector').open(0, '127.0.0.1');
        ${LISTENS}
        setTimeout(() => { for (;;); }, 500);
      });`);
    runWorkers(1, START, false, { ping: 100 });
    await listening();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(lines).toEqual([]);
  });

  describe('after several workers failed', () => {
    const all = (): Worker[] => Object.values(cluster.workers ?? {}).flatMap((worker) => worker ?? []);
    let ready: number;
    const start = async (count: number, restart: number): Promise<void> => {
      jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
      ready = 0;
      cluster.on('listening', () => ready++);
      runWorkers(count, START, false, { restart });
      await until(() => ready === count);
    };
    const failures = (): number => lines.filter((line) => line.endsWith('unexpectedly (1).\n')).length;

    it('waits longer once per round, however many there are', async () => {
      await start(5, 1_000);
      script('process.exit(1);');
      all().forEach((worker) => worker.process.kill('SIGKILL'));
      await until(() => failures() === 5);
      script(LISTENS);
      // After 2 s. It would be 16 s if each worker had doubled the delay.
      await expect(until(() => ready === 10, 12_000)).resolves.toBeUndefined();
    });

    it('replaces the others soon once a worker listens', async () => {
      await start(2, 400);
      script('process.exit(1);');
      all().forEach((worker) => worker.process.kill('SIGKILL'));
      await until(() => failures() === 6);
      // One of both fails, and would be replaced after 6.4 s.
      script(
        `require('node:fs').mkdirSync('first', { recursive: true }) ? process.exit(1) : setTimeout(() => { ${LISTENS} }, 500);`,
      );
      await until(() => failures() === 7);
      await expect(until(() => ready === 4, 5_000)).resolves.toBeUndefined();
    }, 30_000);
  });
});
