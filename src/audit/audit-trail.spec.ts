import type { AuditFields, AuditLine } from './audit-record.js';
import { AuditTrail } from './audit-trail.js';
import { MAX_WAITING, SinkQueue } from './sink-queue.js';
import { ChainVerifier } from './verify.js';

const CALL: AuditFields = { event: 'tool.call', outcome: 'success' };

describe('AuditTrail', () => {
  beforeEach(() => jest.useFakeTimers({ now: Date.UTC(2026, 10, 28) }));
  afterEach(() => jest.useRealTimers());

  it('begins the chain of a new day although nothing happens, and the day before is closed', async () => {
    const lines: AuditLine[] = [];
    const write = (batch: readonly AuditLine[]): Promise<void> => {
      lines.push(...batch);
      return Promise.resolve();
    };
    const handlers = { onFailure: jest.fn(), onRecovery: jest.fn(), onLoss: jest.fn() };
    const sink = { name: 'test', write, close: () => Promise.resolve() };
    const trail = new AuditTrail('test', [new SinkQueue(sink, 'drop', handlers)]);
    trail.record(CALL);
    trail.beginDay();
    await jest.advanceTimersByTimeAsync(24 * 60 * 60 * 1_000);
    trail.beginDay();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(lines.map(({ record }) => record.event)).toEqual([
      'chain.opened',
      'tool.call',
      'chain.closed',
      'chain.opened',
    ]);
    await trail.close();
    trail.beginDay();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(lines).toHaveLength(5);
  });

  it('lets no queue grow while another sink misses records again and again', async () => {
    const lines: Record<string, AuditLine[]> = { hanging: [], slow: [] };
    let recover = (): void => undefined;
    const recovered = new Promise<void>((resolve) => (recover = resolve));
    let isSlow = true;
    const waits = [
      ['hanging', () => recovered],
      ['slow', () => new Promise<void>((resolve) => void setTimeout(resolve, isSlow ? 1_000 : 0))],
    ] as const;
    let trail: AuditTrail | undefined;
    const handlers = {
      onFailure: jest.fn(),
      onRecovery: (sink: string): void => trail?.recordMissed(sink),
      onLoss: jest.fn(),
    };
    const queues = waits.map(
      ([name, wait]) =>
        new SinkQueue(
          {
            name,
            write: async (batch) => {
              await wait();
              lines[name]?.push(...batch);
            },
            close: () => Promise.resolve(),
          },
          'drop',
          handlers,
        ),
    );
    trail = new AuditTrail('test', queues);
    for (let seconds = 0; seconds < 20; seconds++) {
      for (let count = 0; count < 1_000; count++) trail.record(CALL);
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(handlers.onLoss).not.toHaveBeenCalled();
    expect(queues.map(({ length }) => length <= MAX_WAITING)).toEqual([true, true]);
    expect(queues.every(({ missed }) => missed > 0)).toBe(true);

    isSlow = false;
    recover();
    await jest.advanceTimersByTimeAsync(5_000);
    const closed = trail.close();
    await jest.advanceTimersByTimeAsync(5_000);
    await closed;
    for (const [name, written] of Object.entries(lines)) {
      const verifier = new ChainVerifier(name);
      for (const { text } of written) verifier.add(text);
      expect(verifier.result).toMatchObject({ isClosed: true, faults: [] });
    }
  });
});
