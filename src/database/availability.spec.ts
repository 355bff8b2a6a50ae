import { Logger } from '@nestjs/common';

import { Availability } from './availability.js';
import { DatabaseUnavailableError } from './unavailable.js';

const serverError = (code: string): DatabaseUnavailableError =>
  new DatabaseUnavailableError(Object.assign(new Error(`state ${code}`), { severity: 'FATAL', code }));
const AWAY = serverError('57P01');
const CROWDED = serverError('53300');
const FULL = serverError('53100');

describe('Availability', () => {
  let lines: string[];
  let time: number;
  let availability: Availability;
  beforeEach(() => {
    lines = [];
    time = 0;
    availability = new Availability(() => time);
    for (const level of ['error', 'log'] as const) {
      jest
        .spyOn(Logger.prototype, level)
        .mockImplementation((...parts: unknown[]) => void lines.push(String(parts[0])));
    }
  });
  afterEach(() => jest.restoreAllMocks());

  it('logs an outage and its end once each, however often successes and failures alternate', () => {
    for (; time < 8_000; time += 50) {
      availability.failed(CROWDED);
      availability.succeeded(true);
    }
    expect(availability.trouble).toBe('connections');
    time += 1_000;
    availability.succeeded();
    expect(availability.trouble).toBeUndefined();
    expect(lines).toEqual([
      'The database cannot be used (connections): state 53300',
      'The database can be used again.',
    ]);
  });

  it('logs few lines even if each outage ends, and the next one begins soon', () => {
    for (; time < 3_600_000; time += 5_000) {
      availability.failed(AWAY);
      time += 5_000;
      availability.succeeded();
    }
    expect(lines.length).toBeLessThan(100);
  });

  it('logs each trouble of an outage once', () => {
    for (const error of [AWAY, CROWDED, AWAY, CROWDED]) availability.failed(error);
    expect(lines).toHaveLength(2);
    expect(availability.trouble).toBe('connections');
  });

  it('recovers from a full disk by a change only, since reading works meanwhile', () => {
    availability.failed(FULL);
    time += 60_000;
    availability.succeeded();
    expect(availability.trouble).toBe('disk_full');
    availability.succeeded(true);
    expect(availability.trouble).toBeUndefined();
  });

  it('ends with an answer of the server that shows another problem, which is logged instead', () => {
    availability.failed(AWAY);
    availability.reached();
    expect(availability.trouble).toBeUndefined();
    expect(lines).toHaveLength(1);
  });

  it('does not count an exhausted pool as an outage of the server', () => {
    availability.failed(new DatabaseUnavailableError(new Error('timeout exceeded when trying to connect')));
    expect(availability.trouble).toBeUndefined();
    expect(lines).toEqual([]);
  });
});
