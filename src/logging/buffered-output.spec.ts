import { BufferedOutput } from './buffered-output.js';

type Done = (error?: Error) => void;

describe('BufferedOutput', () => {
  let writes: { text: string; done: Done }[];
  let lastText: string;
  let losses: (Error | undefined)[];
  let recoveries: number[];
  let tooLong: number[];
  let output: BufferedOutput;
  beforeEach(() => {
    jest.useFakeTimers();
    writes = [];
    lastText = '';
    losses = [];
    recoveries = [];
    tooLong = [];
    output = new BufferedOutput(
      {
        write: (text, done) => void writes.push({ text, done }),
        writeLast: (text) => {
          lastText += text;
        },
      },
      {
        onLoss: (error) => void losses.push(error),
        onTooLong: (length) => void tooLong.push(length),
        onRecovery: (lines) => void recoveries.push(lines),
      },
    );
  });
  afterEach(() => void jest.useRealTimers());

  const texts = (): string[] => writes.map(({ text }) => text);
  const line = (length: number): string => `${'x'.repeat(length - 1)}\n`;

  it('writes lines together after 20 ms', () => {
    output.write('a\n');
    output.write('b\n');
    expect(texts()).toEqual([]);
    jest.advanceTimersByTime(20);
    expect(texts()).toEqual(['a\nb\n']);
  });

  it('writes more than 64 KB at once', () => {
    output.write(line(64 * 1024 + 1));
    expect(writes).toHaveLength(1);
  });

  it('begins a write only after the last one has ended', () => {
    output.write(line(70_000));
    output.write('b\n');
    output.write('c\n');
    jest.advanceTimersByTime(1_000);
    expect(writes).toHaveLength(1);
    writes[0]?.done();
    expect(writes).toHaveLength(1);
    jest.advanceTimersByTime(20);
    expect(texts().slice(1)).toEqual(['b\nc\n']);
  });

  it('leaves room for lines that are offered, and neither takes nor counts them beyond 5 MB', () => {
    output.write(line(70_000));
    const kept = line(1024 ** 2);
    for (let count = 0; count < 5; count++) output.write(kept);
    expect(output.lostLines).toBe(1);
    expect([output.offer(kept), output.offer(kept)]).toEqual([true, false]);
    expect(output.lostLines).toBe(1);
    writes[0]?.done();
    expect(texts()[1]).toHaveLength(5 * 1024 ** 2);
    expect(output.offer(kept)).toBe(true);
  });

  it('drops and counts lines beyond 4 MB while the target does not keep up', () => {
    output.write(line(70_000));
    const kept = line(1024 ** 2);
    for (let count = 0; count < 10; count++) output.write(kept);
    expect(losses).toEqual([undefined]);
    writes[0]?.done();
    expect(writes[1]?.text).toBe(kept.repeat(4));
    expect(recoveries).toEqual([6]);
  });

  it('drops and counts a line that is too long, and no other', () => {
    output.write(line(5 * 1024 ** 2));
    output.write('a\n');
    jest.advanceTimersByTime(20);
    writes[0]?.done();
    expect([texts(), tooLong, losses, recoveries]).toEqual([['a\n'], [5 * 1024 ** 2], [], []]);
    expect(output.lostLines).toBe(1);
  });

  it('drops and counts the lines of a failed write, and begins the next text on a new line', () => {
    const full = new Error('no space left on device');
    output.write('a\n');
    output.write('b\n');
    jest.advanceTimersByTime(20);
    writes[0]?.done(full);
    output.write('c\n');
    jest.advanceTimersByTime(20);
    writes[1]?.done(full);
    expect([losses, recoveries]).toEqual([[full], []]);
    output.write('d\n');
    jest.advanceTimersByTime(20);
    writes[2]?.done();
    expect(texts().at(-1)).toBe('\nd\n');
    expect([recoveries, output.lostLines]).toEqual([[3], 3]);
    output.write('e\n');
    jest.advanceTimersByTime(20);
    expect(texts().at(-1)).toBe('e\n');
  });

  it('writes lines that waited for a failed write', () => {
    output.write(line(70_000));
    output.write('b\n');
    writes[0]?.done(new Error('full'));
    jest.advanceTimersByTime(20);
    expect(texts().at(-1)).toBe('\nb\n');
  });

  it('flushes after the last write, but waits at most a second', () => {
    const done = jest.fn();
    output.flush(done);
    expect(done).toHaveBeenCalledTimes(1);
    output.write('a\n');
    output.flush(done);
    expect(done).toHaveBeenCalledTimes(1);
    writes[0]?.done();
    expect(done).toHaveBeenCalledTimes(2);
    output.write('b\n');
    output.flush(done);
    jest.advanceTimersByTime(1_000);
    expect(done).toHaveBeenCalledTimes(3);
    writes[1]?.done();
    expect(done).toHaveBeenCalledTimes(3);
  });

  it('writes waiting lines when the process exits', () => {
    output.write(line(70_000));
    output.write('b\n');
    output.end();
    output.end();
    expect(lastText).toBe('b\n');
  });
});
