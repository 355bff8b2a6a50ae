import { withoutRawControls } from '../logging/terminal-safe.js';
import type { AuditFields, AuditLine, AuditRecord } from './audit-record.js';
import { AuditTrail } from './audit-trail.js';
import { Chain, hashOf } from './chain.js';
import type { AuditSink } from './sink.js';
import { MAX_WAITING, SinkQueue } from './sink-queue.js';
import { ChainVerifier, type VerifiedChain, verifyLinks } from './verify.js';

const CALL: AuditFields = { event: 'tool.call', outcome: 'success', subject: 'usr_1', tool: 'refund' };

function verifyChain(lines: readonly string[]): VerifiedChain {
  const verifier = new ChainVerifier('test');
  lines.forEach((line) => verifier.add(line));
  return verifier.result;
}

describe('the chain of an audit trail', () => {
  /** Writes records, and returns the lines of each chain. */
  async function written(times: readonly string[], last?: AuditFields): Promise<string[][]> {
    const lines: AuditLine[] = [];
    const sink = {
      name: 'test',
      write: (batch: readonly AuditLine[]) => Promise.resolve(void lines.push(...batch)),
      close: () => Promise.resolve(),
    };
    const handlers = { onFailure: jest.fn(), onRecovery: jest.fn(), onLoss: jest.fn() };
    const [first = '', ...others] = times;
    let now = first;
    const queue = new SinkQueue(sink, 'drop', handlers);
    const trail = new AuditTrail('test', [queue], () => Date.parse(now));
    for (const time of others) {
      now = time;
      trail.record({ ...CALL, requestId: time });
    }
    if (last) trail.record(last);
    await trail.close();
    trail.record(CALL); // too late: the chain is closed
    const chains = [...new Set(lines.map(({ chain }) => chain))];
    return chains.map((chain) => lines.filter((line) => line.chain === chain).map(({ text }) => text));
  }
  const ONE_DAY = ['2026-11-26T10:00Z', '2026-11-26T11:00Z', '2026-11-26T12:00Z', '2026-11-26T13:00Z'];
  const faultsOf = (lines: readonly string[]): readonly string[] => verifyChain(lines).faults;

  it('is whole as written, with a first and a last record', async () => {
    const [lines = []] = await written(ONE_DAY);
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'chain.opened',
      'tool.call',
      'tool.call',
      'tool.call',
      'chain.closed',
    ]);
    expect(verifyChain(lines)).toMatchObject({ records: 5, isClosed: true, faults: [] });
  });

  it('is whole in the log too, which escapes control characters', async () => {
    const controls = 'a\n\u007f\u0085\u009b';
    const [lines = []] = await written(ONE_DAY, { ...CALL, arguments: { [controls]: controls } });
    expect(faultsOf(lines.map(withoutRawControls))).toEqual([]);
    expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({ arguments: { [controls]: controls } });
  });

  it('is whole in whatever order its lines are read, before or after others are added', () => {
    const chain = new Chain('test', 0);
    const opened = chain.add({ event: 'chain.opened', outcome: 'success' }, 0);
    const add = (count: number): AuditLine[] =>
      Array.from({ length: count }, (_, number) => chain.add({ ...CALL, requestId: `${number}` }, number));
    const first = add(1_203);
    const [last, read] = [first.at(-1)?.record, first[600]?.record];
    const lines = [opened, ...first, ...add(2)];
    expect(JSON.parse(lines[601]?.text ?? '')).toEqual(read);
    expect([read?.seq, last?.seq, lines.at(-1)?.record.hash]).toEqual([601, 1_203, chain.head]);
    expect(verifyChain(lines.map(({ text }) => text))).toMatchObject({ records: 1_206, faults: [] });
  });

  it('keeps few records to hash, also when no sink reads any', () => {
    const chain = new Chain('test', 0);
    let read = 0;
    const fields: AuditFields = Object.defineProperty({ ...CALL }, 'tool', {
      enumerable: true,
      get: () => ++read,
    });
    for (let count = 0; count < 1_000; count++) chain.add(fields, 0);
    expect(read).toBeGreaterThan(400);
  });

  it('breaks when any byte of any record changes', async () => {
    const [lines = []] = await written(ONE_DAY);
    for (const [index, line] of lines.entries()) {
      for (let at = 0; at < line.length; at += 7) {
        const changed = `${line.slice(0, at)}${line[at] === '7' ? '8' : '7'}${line.slice(at + 1)}`;
        expect(faultsOf(lines.with(index, changed))).not.toEqual([]);
        // A space means nothing to JSON, but is no byte of the record.
        const spaced = `${line.slice(0, at)} ${line.slice(at)}`;
        expect(faultsOf(lines.with(index, spaced))).not.toEqual([]);
      }
    }
  });

  it.each<[string, (lines: string[]) => string[]]>([
    ['removed', (lines) => lines.toSpliced(2, 1)],
    ['repeated', (lines) => lines.toSpliced(2, 0, lines[2] ?? '')],
    ['exchanged', (lines) => [lines[0] ?? '', lines[2] ?? '', lines[1] ?? '', ...lines.slice(3)]],
    ['removed at the begin', (lines) => lines.slice(1)],
    ['added at the end', (lines) => [...lines, lines[1] ?? '']],
  ])('breaks when a record is %s', async (_what, change) => {
    const [lines = []] = await written(ONE_DAY);
    expect(faultsOf(change(lines))).not.toEqual([]);
  });

  it('tells how many records are missing, and before which line', async () => {
    const [lines = []] = await written(ONE_DAY);
    expect(faultsOf(lines.toSpliced(2, 1))).toEqual([
      'line 3 has the number 3 instead of 2: 1 record is missing before it.',
    ]);
    expect(faultsOf(lines.slice(2))).toEqual([
      'line 1 has the number 2 instead of 0: 2 records are missing before it.',
    ]);
  });

  it('explains records that the queue of a sink left out, and no others', async () => {
    const missed = { event: 'records.missed', outcome: 'failure', sink: 'test', count: 2 } as const;
    const [lines = []] = await written(ONE_DAY, missed);
    expect(verifyChain(lines.toSpliced(1, 2))).toMatchObject({ leftOut: 2, faults: [] });
    expect(faultsOf(lines.toSpliced(1, 1))).not.toEqual([]);
    expect(faultsOf(lines.toSpliced(1, 3))).not.toEqual([]);
  });

  /** Line of a record that somebody has made up, with a right hash. */
  const forged = (record: object): string => {
    const text = JSON.stringify(record);
    return `${text.slice(0, -1)},"hash":"${hashOf(text)}"}`;
  };
  const recordAt = (lines: readonly string[], index: number): AuditRecord =>
    JSON.parse(lines[index] ?? '') as AuditRecord;

  it('breaks when somebody puts an explanation in the place of removed records', async () => {
    const [lines = []] = await written([...ONE_DAY, '2026-11-26T14:00Z']);
    const { v, time, instance, chain, seq, prev } = recordAt(lines, 2);
    const missed = { event: 'records.missed', outcome: 'failure', sink: 'test', count: 1 };
    for (const after of [undefined, [recordAt(lines, 1).hash], [], null, true, {}, -1]) {
      const explanation = forged({ v, time, ...missed, after, instance, chain, seq, prev });
      expect(faultsOf(lines.toSpliced(2, 2, explanation))).not.toEqual([]);
    }
  });

  it('breaks when somebody changes what comes before records that the queue left out', async () => {
    const { lines, missing } = await interruptedOnce();
    expect(verifyChain(lines)).toMatchObject({ leftOut: missing, faults: [] });
    // With right hashes up to the gap, after which no record contains the hash of one before.
    const gap = lines.findIndex((_line, index) => recordAt(lines, index + 1).seq > index + 1);
    let prev = recordAt(lines, 0).hash;
    const changed = lines.map((line, index) => {
      if (index === 0 || index > gap) return line;
      const { hash: _own, ...record } = recordAt(lines, index);
      const made = forged({ ...record, ...(index === 1 && { subject: 'mallory' }), prev });
      prev = recordAt([made], 0).hash;
      return made;
    });
    expect(faultsOf(changed)).toEqual([expect.stringContaining('missing before it')]);
  });

  it('is opened once, by its first record', async () => {
    const [lines = []] = await written(ONE_DAY);
    const { event: _event, hash: _hash, ...first } = recordAt(lines, 0);
    const other = forged({ ...first, event: 'tool.call' });
    expect(faultsOf([other])).toEqual(['line 1 does not open the chain.']);
    const { hash: _own, ...second } = recordAt(lines, 1);
    const again = forged({ ...second, event: 'chain.opened' });
    expect(faultsOf([lines[0] ?? '', again])).toEqual(['line 2 opens the chain again.']);
  });

  it('lists few faults of a file that is something else', () => {
    expect(faultsOf(Array.from({ length: 1_000 }, () => 'x'))).toHaveLength(20);
  });

  it('shows that its process was killed by a missing last record', async () => {
    const [lines = []] = await written(ONE_DAY);
    expect(verifyChain(lines.slice(0, -1))).toMatchObject({ isClosed: false, faults: [] });
  });

  it('allows a last line without an end, except after the last record', async () => {
    const [lines = []] = await written(ONE_DAY);
    const torn = (kept: readonly string[]): VerifiedChain => {
      const verifier = new ChainVerifier('test');
      kept.forEach((line) => verifier.add(line));
      verifier.addTorn();
      return verifier.result;
    };
    expect(torn(lines.slice(0, -1))).toMatchObject({ records: 4, isTorn: true, faults: [] });
    expect(torn(lines).faults).toEqual(['line 6 comes after the end of the chain.']);
    const [earlier, later] = (await written([...ONE_DAY, '2026-11-27T00:00Z'])).map(verifyChain);
    if (!earlier || !later) throw new Error('There are fewer chains.');
    const { chain } = earlier;
    expect(verifyLinks([torn([]), later])).toEqual({ faults: [], older: [chain] });
  });

  it('ends each day, and the next day continues it', async () => {
    const chains = (await written([...ONE_DAY, '2026-11-27T00:00Z', '2026-11-28T09:00Z'])).map(verifyChain);
    expect(chains.map(({ faults, isClosed }) => [faults, isClosed])).toEqual([1, 2, 3].map(() => [[], true]));
    expect(verifyLinks(chains)).toEqual({ faults: [], older: [] });
    const [first, second, third] = chains;
    if (!first || !second || !third) throw new Error('There are fewer chains.');
    expect(verifyLinks([first, third])).toEqual({ faults: [expect.stringMatching(/is missing/)], older: [] });
    // The first was removed, perhaps because of its age.
    expect(verifyLinks([second, third])).toEqual({ faults: [], older: [first.chain] });
    expect(verifyLinks([{ ...first, head: 'cut' }, second, third])).toEqual({
      faults: [expect.stringMatching(/cut off/)],
      older: [],
    });
  });

  /** Records calls while a sink fails, so that its queue leaves some out. */
  async function interruptedOnce(): Promise<{ readonly lines: string[]; readonly missing: number }> {
    jest.useFakeTimers();
    const lines: string[] = [];
    let fails = true;
    const sink: AuditSink = {
      name: 'test',
      write: async (batch) => {
        if (fails) throw new Error('full');
        lines.push(...batch.map(({ text }) => text));
        await Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
    let trail: AuditTrail | undefined;
    const onRecovery = (name: string): void => trail?.recordMissed(name);
    const queue = new SinkQueue(sink, 'drop', { onFailure: jest.fn(), onRecovery, onLoss: jest.fn() });
    trail = new AuditTrail('test', [queue], () => 0);
    for (let number = 0; number < MAX_WAITING + 4; number++) trail.record(CALL);
    fails = false;
    await jest.advanceTimersByTimeAsync(5_000);
    trail.record(CALL);
    const closed = trail.close();
    await jest.advanceTimersByTimeAsync(5_000);
    await closed;
    jest.useRealTimers();
    return { lines, missing: 5 };
  }

  /** Records calls while a sink fails over midnight. Returns the chains of that sink, and the records of all sinks. */
  async function interrupted(
    calls: readonly number[],
    recovers: 'later' | 'at the stop',
  ): Promise<VerifiedChain[]> {
    jest.useFakeTimers();
    const lines: AuditLine[] = [];
    let fails = true;
    const sinkOf = (name: string): AuditSink => ({
      name,
      write: async (batch) => {
        if (name === 'other') return;
        if (fails) throw new Error('full');
        lines.push(...batch);
        await Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
    let trail: AuditTrail | undefined;
    const handlers = {
      onFailure: jest.fn(),
      onRecovery: (sink: string): void => trail?.recordMissed(sink),
      onLoss: jest.fn(),
    };
    const queues = ['other', 'test'].map((name) => new SinkQueue(sinkOf(name), 'drop', handlers));
    let day = 26;
    trail = new AuditTrail('test', queues, () => Date.parse(`2026-11-${day}T12:00Z`));
    for (const count of calls) {
      for (let number = 0; number < count; number++) trail.record(CALL);
      day++;
    }
    day--;
    await jest.advanceTimersByTimeAsync(100);
    fails = false;
    if (recovers === 'later') await jest.advanceTimersByTimeAsync(5_000);
    const closed = trail.close();
    await jest.advanceTimersByTimeAsync(5_000);
    await closed;
    jest.useRealTimers();
    const chains = new Map<string, ChainVerifier>();
    for (const { chain, text } of lines) {
      const verifier = chains.get(chain) ?? new ChainVerifier('test');
      chains.set(chain, verifier);
      verifier.add(text);
    }
    return [...chains.values()].map(({ result }) => result);
  }

  it.each(['later', 'at the stop'] as const)(
    'is whole although a sink missed records of several days and recovered %s',
    async (recovers) => {
      const chains = await interrupted([11_000, 100, 0, 10], recovers);
      // The last one is the record of what the other sink missed.
      expect(chains.map(({ leftOut }) => leftOut)).toEqual([1_001, 100, 10 + 1]);
      expect(chains.map(({ faults, isClosed }) => [faults, isClosed])).toEqual(
        [1, 2, 3].map(() => [[], true]),
      );
      expect(verifyLinks(chains)).toEqual({ faults: [], older: [] });
    },
  );
});
