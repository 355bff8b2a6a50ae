import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { DIST } from './support/built-application.js';

/** Runs ticks before and after full collections that find none of their objects. */
const TICKS = `
  const tick = () => new Promise((resolve) => process.nextTick(resolve));
  for (let collection = 0; collection < 10; collection++) {
    for (let count = 0; count < 3; count++) await tick();
    await new Promise((resolve) => setTimeout(resolve, 1));
    globalThis.gc();
  }
`;
/** Event of V8's log: the shape of an object got a further member of the objects of ticks. */
const SHAPED = /^map,Transition,.*trigger_async_id_symbol/gm;

describe('the shape of ticks', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** Returns how often V8 created the shape after the start of the process. */
  async function shapes(program: string): Promise<number> {
    const log = join(directory, 'v8.log');
    const flags = ['--expose-gc', '--log-maps', '--no-logfile-per-isolate', `--logfile=${log}`];
    const run = ['--input-type=module', '--eval', program];
    await promisify(execFile)(process.execPath, [...flags, ...run]);
    return readFileSync(log, 'latin1').match(SHAPED)?.length ?? 0;
  }

  it('is kept without an async hook, which made all promises slower before `trackPromises`', async () => {
    const keep = pathToFileURL(join(DIST, 'process/keep-tick-shape.js')).href;
    const program = `
      import hooks from 'node:async_hooks';
      import { syncBuiltinESMExports } from 'node:module';
      hooks.createHook = () => process.exit(1);
      syncBuiltinESMExports();
      const kept = await import(${JSON.stringify(keep)});
      await new Promise((resolve) => setImmediate(resolve));
      console.log(Object.keys(kept.keptTick).join());
    `;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      program,
    ]);
    expect(stdout).toBe('callback,args\n');
  });

  it('remains when full collections find no tick, which V8 alone would forget', async () => {
    const keep = pathToFileURL(join(DIST, 'process/keep-tick-shape.js')).href;
    expect(await shapes(TICKS)).toBeGreaterThan(1);
    expect(await shapes(`await import(${JSON.stringify(keep)});${TICKS}`)).toBe(1);
  });
});
