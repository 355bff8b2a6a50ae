import { AERIE, CALL, callObservedBy } from '../cases.js';
import { ERAS } from '../exchange.js';
import type { Figure, Run } from '../results.js';
import { capacity } from './capacity.js';

const [NEWER, OLDER] = ERAS;
const DEPLOYED = callObservedBy('deployed, default limits');
const RUN = { unseenToken: 50 } as Run;

const figure = (era: Figure['era'], operation: string, cpu: number): Figure =>
  ({ server: AERIE, era, operation, cpu }) as Figure;

/** Rows of the tables, without the padding of their cells. */
const rowsOf = (text: string | undefined): string[] =>
  (text ?? '').split('\n').map((line) => line.replaceAll(/ +/g, ' ').trim());

describe('capacity', () => {
  it('sizes instances for calls with Redis and the default limits, not for limits in memory', () => {
    const rows = rowsOf(
      capacity(
        [figure(NEWER, CALL, 50), figure(OLDER, DEPLOYED, 90), figure(NEWER, DEPLOYED, 100)],
        RUN,
        undefined,
      ),
    );
    expect(rows[0]).toContain('100 µs per call (Redis, default limits, audit to standard output)');
    expect(rows).toContain('| 100 | 1 % of a core | 2 |');
    expect(rows).toContain('| 10,000 | 100 % of a core | 2 |');
    expect(rows).toContain('| 25,000 | 250 % of a core | 4 |');
  });

  it('adds what an option costs with limits in memory, in the revision in which it costs more', () => {
    const metrics = callObservedBy('metrics');
    const rows = rowsOf(
      capacity(
        [
          figure(NEWER, DEPLOYED, 100),
          figure(NEWER, CALL, 60),
          figure(NEWER, metrics, 65),
          figure(OLDER, CALL, 50),
          figure(OLDER, metrics, 70),
        ],
        RUN,
        undefined,
      ),
    );
    expect(rows).toContain('| tools/call | −40 µs | 0.6 |');
    expect(rows).toContain('| tools/call, metrics | +20 µs | 1.2 |');
    expect(rows).toContain('| a token that is new with each call | +50 µs | 1.5 |');
    expect(rows.join('\n')).not.toContain(DEPLOYED);
  });

  it('is missing without a result of the deployed call', () => {
    expect(capacity([figure(NEWER, CALL, 50)], RUN, undefined)).toBeUndefined();
  });
});
