import {
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { AuditLine } from './audit-record.js';
import { Chain } from './chain.js';
import { FileSink } from './file-sink.js';
import { ChainVerifier } from './verify.js';

type Write = (...given: [Buffer, number, number, number]) => Promise<{ bytesWritten: number }>;

describe('FileSink', () => {
  let directory: string;
  let sink: FileSink;
  const onKept = jest.fn();
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-audit-'));
    sink = new FileSink(directory, undefined, onKept);
  });
  afterEach(async () => {
    await sink.close();
    rmSync(directory, { recursive: true });
  });

  const linesOf = (chain: Chain, count: number): AuditLine[] =>
    Array.from({ length: count }, () => chain.add({ event: 'tool.call', outcome: 'success' }, 0));
  const texts = (lines: readonly AuditLine[]): string => lines.map(({ text }) => `${text}\n`).join('');
  const stored = (): string[] =>
    readdirSync(directory)
      .toSorted()
      .map((name) => readFileSync(join(directory, name), 'utf8'));

  /** Returns what all file handles inherit. */
  async function fileHandles(): Promise<{ write: unknown }> {
    const file = await open(tmpdir(), 'r');
    await file.close();
    return Object.getPrototypeOf(file) as FileHandle;
  }

  const linkOf = (fd: string): string | undefined => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return undefined; // the one that lists the folder is closed
    }
  };

  it('stores characters of any length, and a short batch after a long one', async () => {
    const chain = new Chain('a', 0);
    const lines = ['ä€😀'.repeat(1_000), '€', 'a'].map((tool) =>
      chain.add({ event: 'tool.call', outcome: 'success', tool }, 0),
    );
    await sink.write(lines.slice(0, 2));
    await sink.write(lines.slice(2));
    expect(stored()).toEqual([texts(lines)]);
  });

  it('stores all lines although each write of the disk stores a part', async () => {
    const handles = (await fileHandles()) as { write: Write };
    const { write } = handles;
    jest.spyOn(handles, 'write').mockImplementation(function (
      this: unknown,
      bytes,
      offset,
      _length,
      position,
    ) {
      return write.call(this, bytes, offset, 1, position);
    });
    const lines = linesOf(new Chain('test', 0), 2);
    await sink.write(lines);
    expect(stored()).toEqual([texts(lines)]);
  });

  it('repeats lines that a full disk stored in part', async () => {
    const chain = new Chain('test', 0);
    const first = linesOf(chain, 2);
    await sink.write(first);
    const handles = (await fileHandles()) as { write: Write };
    const { write } = handles;
    jest.spyOn(handles, 'write').mockImplementationOnce(async function (this: unknown, bytes, offset, _, at) {
      await write.call(this, bytes, offset, 10, at);
      throw new Error('full');
    });
    const second = linesOf(chain, 3);
    await expect(sink.write(second)).rejects.toThrow('full');
    expect(stored()).toEqual([texts(first)]);
    await sink.write(second);
    expect(stored()).toEqual([texts([...first, ...second])]);
  });

  it('opens its file again when the handle is stale, such as after a network disk was away', async () => {
    const chain = new Chain('test', 0);
    const first = linesOf(chain, 2);
    await sink.write(first);
    const handles = (await fileHandles()) as { write: Write };
    const { write } = handles;
    const spy = jest.spyOn(handles, 'write').mockImplementation(function (this: unknown, ...given) {
      const [stale] = spy.mock.contexts;
      return this === stale ? Promise.reject(new Error('ESTALE')) : write.apply(this, given);
    });
    const second = linesOf(chain, 3);
    await expect(sink.write(second)).rejects.toThrow('ESTALE');
    await sink.write(second);
    expect(stored()).toEqual([texts([...first, ...second])]);
  });

  it('ends a write when the lines are on the disk', async () => {
    await sink.write(linesOf(new Chain('test', 0), 1));
    const fd = readdirSync('/proc/self/fd').find((each) => linkOf(each)?.startsWith(directory));
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    expect(Number.parseInt(flags!, 8) & constants.O_DSYNC).toBe(constants.O_DSYNC);
  });

  describe('with a retention of 30 days', () => {
    const DAY_MS = 24 * 60 * 60 * 1_000;
    const TWO_YEARS_MS = 2 * 365 * DAY_MS;
    const now = Date.now();
    beforeEach(() => {
      sink = new FileSink(directory, 30, onKept);
    });

    const nameOf = (chain: Chain): string => `audit-${chain.id}.jsonl`;
    /** Puts a file of another process there, and returns its name. */
    function put(time: number, lastWrite = time): string {
      const name = nameOf(new Chain('other', time));
      writeFileSync(join(directory, name), '');
      utimesSync(join(directory, name), lastWrite / 1_000, lastWrite / 1_000);
      return name;
    }
    /** Begins a chain, and returns the name of its file. */
    async function begin(time: number): Promise<string> {
      const chain = new Chain('test', time);
      await sink.write(linesOf(chain, 1));
      return nameOf(chain);
    }
    const setClock = (time: number): void => void jest.spyOn(Date, 'now').mockReturnValue(time);

    it('removes files that are too old', async () => {
      put(now - 40 * DAY_MS);
      put(now - 32 * DAY_MS);
      const kept = [put(now - 30 * DAY_MS), put(now - DAY_MS)];
      expect([...kept, await begin(now)]).toEqual(readdirSync(directory).toSorted());
      expect(onKept).not.toHaveBeenCalled();
    });

    it('removes a file that is too old although its name is from a clock that was ahead', async () => {
      put(now + TWO_YEARS_MS, now - 40 * DAY_MS);
      expect([put(now - DAY_MS), await begin(now)]).toEqual(readdirSync(directory).toSorted());
    });

    it('removes no file while no later one shows its age', async () => {
      const names = [put(now - 40 * DAY_MS), put(now - 39 * DAY_MS), await begin(now)];
      expect(readdirSync(directory).toSorted()).toEqual(names);
    });

    it('removes no file because the clock is set ahead', async () => {
      const names = [put(now - 20 * DAY_MS), put(now - DAY_MS), await begin(now)];
      const ahead = now + TWO_YEARS_MS;
      setClock(ahead);
      const others = [put(ahead - DAY_MS), put(ahead - 1_000)];
      expect([...names, ...others, await begin(ahead)]).toEqual(readdirSync(directory).toSorted());
    });

    it('removes no file when it starts with a clock that is ahead', async () => {
      const ahead = now + TWO_YEARS_MS;
      const names = [put(now - 20 * DAY_MS), put(now - DAY_MS)];
      // An earlier start with this clock, which was then set back, and another process that starts now.
      names.push(put(ahead - 2 * DAY_MS, now - 2 * DAY_MS), put(ahead - DAY_MS / 2));
      setClock(ahead);
      sink = new FileSink(directory, 30, onKept);
      expect([...names, await begin(ahead)]).toEqual(readdirSync(directory).toSorted());
    });

    it('removes files that are too old a day after a clock that was behind is set', async () => {
      const behind = Date.UTC(2000, 0, 1);
      setClock(behind);
      jest.spyOn(performance, 'now').mockReturnValue(behind - performance.timeOrigin);
      sink = new FileSink(directory, 30, onKept);
      const [old, ...kept] = [put(now - 40 * DAY_MS), put(now - DAY_MS)];
      setClock(now);
      kept.push(await begin(now));
      expect(readdirSync(directory)).toContain(old);
      setClock(now + DAY_MS);
      kept.push(await begin(now + DAY_MS));
      expect(readdirSync(directory).toSorted()).toEqual(kept);
    });

    it('keeps the records that a host made before its clock was set', async () => {
      const unset = Date.UTC(2000, 0, 1);
      const names = [put(unset), put(unset + 1_000, now - 2 * DAY_MS), put(now - DAY_MS), await begin(now)];
      expect(readdirSync(directory).toSorted()).toEqual(names);
    });

    it('stores records although a file that is too old cannot be removed, and reports that', async () => {
      const old = join(directory, put(now - 40 * DAY_MS));
      rmSync(old);
      mkdirSync(old);
      utimesSync(old, (now - 40 * DAY_MS) / 1_000, (now - 40 * DAY_MS) / 1_000);
      put(now - DAY_MS);
      const chain = new Chain('test', now);
      const lines = linesOf(chain, 1);
      await sink.write(lines);
      expect(readFileSync(join(directory, nameOf(chain)), 'utf8')).toBe(texts(lines));
      expect(onKept).toHaveBeenCalledTimes(1);
    });
  });

  it('notices that its file was removed, and continues in a new one that shows what is missing', async () => {
    const chain = new Chain('test', 0);
    await sink.write(linesOf(chain, 2));
    rmSync(directory, { recursive: true });
    const lines = linesOf(chain, 3);
    await expect(sink.write(lines)).rejects.toThrow(/audit-.*\.jsonl was removed or replaced/);
    await sink.write(lines);
    expect(stored()).toEqual([texts(lines)]);
    const verifier = new ChainVerifier('file');
    lines.forEach(({ text }) => verifier.add(text));
    expect(verifier.result.faults).toEqual([
      'line 1 has the number 2 instead of 0: 2 records are missing before it.',
    ]);
  });

  it('writes to no file that has replaced its own, but keeps it under another name', async () => {
    const chain = new Chain('test', 0);
    await sink.write(linesOf(chain, 1));
    const path = join(directory, `audit-${chain.id}.jsonl`);
    rmSync(path);
    writeFileSync(path, 'other');
    const lines = linesOf(chain, 1);
    await expect(sink.write(lines)).rejects.toThrow('was removed or replaced');
    await sink.write(lines);
    expect(stored()).toEqual([texts(lines), 'other']);
    expect(readdirSync(directory).toSorted()[1]).toMatch(/\.jsonl\.replaced-\d+$/);
  });
});
