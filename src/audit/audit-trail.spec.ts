import type { AuditFields, AuditLine } from './audit-record.js';
import { AuditTrail } from './audit-trail.js';
import { MAX_WAITING, type OnFull, SinkQueue } from './sink-queue.js';
import { ChainVerifier } from './verify.js';

const CALL: AuditFields = { event: 'tool.call', outcome: 'success' };
const DENIED: AuditFields = { event: 'access.denied', outcome: 'denied' };

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

  it('records what is optional in each sink that keeps up, although another one hangs', async () => {
    const lines: Record<string, AuditLine[]> = { hanging: [], healthy: [] };
    let recover = (): void => undefined;
    const recovered = new Promise<void>((resolve) => (recover = resolve));
    let trail: AuditTrail | undefined;
    const handlers = {
      onFailure: jest.fn(),
      onRecovery: (sink: string): void => trail?.recordMissed(sink),
      onLoss: jest.fn(),
    };
    const queueOf = (name: string, onFull: OnFull, wait: Promise<void>): SinkQueue => {
      const write = async (batch: readonly AuditLine[]): Promise<void> => {
        await wait;
        lines[name]?.push(...batch);
      };
      return new SinkQueue({ name, write, close: () => Promise.resolve() }, onFull, handlers);
    };
    const hanging = queueOf('hanging', 'drop', recovered);
    const healthy = queueOf('healthy', 'refuse', Promise.resolve());
    trail = new AuditTrail('test', [hanging, healthy]);
    for (let seconds = 0; seconds < 6; seconds++) {
      for (let count = 0; count < 500; count++) {
        trail.record(DENIED, undefined, 'optional');
        trail.record(CALL);
      }
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect([trail.isCrowded, trail.isRefusing, hanging.missed, healthy.missed]).toEqual([
      false,
      false,
      500, // each after a call that the queue has taken
      0,
    ]);
    recover();
    await jest.advanceTimersByTimeAsync(5_000);
    const closed = trail.close();
    await jest.advanceTimersByTimeAsync(5_000);
    await closed;
    const results = Object.entries(lines).map(([name, written]) => {
      const verifier = new ChainVerifier(name);
      for (const { text } of written) verifier.add(text);
      const { leftOut, faults, isClosed } = verifier.result;
      return { name, leftOut, faults, isClosed };
    });
    expect(results).toEqual([
      { name: 'hanging', leftOut: 500, faults: [], isClosed: true },
      { name: 'healthy', leftOut: 0, faults: [], isClosed: true },
    ]);
    expect(lines['healthy']?.filter(({ record }) => record.event === 'access.denied')).toHaveLength(3_000);
    // Receivers and collectors of logs refuse or cut long lines.
    expect(
      Object.values(lines)
        .flat()
        .filter(({ text }) => text.length > 10_000),
    ).toEqual([]);
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
