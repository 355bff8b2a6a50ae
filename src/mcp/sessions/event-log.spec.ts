import { aPrincipal } from '../../../test/support/principal.js';
import { EventLog } from './event-log.js';
import { type SentMessage, sentMessage } from './sent-message.js';

const ACME = 'organization:acme';
const PLENTY = { events: 100, bytes: 10_000 };
const numbered = (number: number): SentMessage => sentMessage({ number });
const numbersAfter = (events: ReturnType<EventLog['open']>, id: string): unknown[] | undefined =>
  events.after(id)?.events.map(({ message }) => message);

describe('EventLog', () => {
  it('returns later events of the same stream, in order', () => {
    const events = new EventLog(PLENTY, PLENTY).open(ACME);
    const first = events.add('a', numbered(1));
    events.add('b', numbered(2));
    events.add('a', numbered(3));
    const last = events.add('a', numbered(4));

    expect(events.after(first)).toMatchObject({ stream: 'a' });
    expect(numbersAfter(events, first)).toEqual([numbered(3), numbered(4)]);
    expect(numbersAfter(events, last)).toEqual([]);
  });

  it('returns the principal whose requests a stream answers', () => {
    const events = new EventLog(PLENTY, PLENTY).open(ACME);
    const asker = aPrincipal();
    expect(events.after(events.add('a', numbered(1), asker))).toMatchObject({ asker });
    expect(events.after(events.add('b', numbered(2)))?.asker).toBeUndefined();
  });

  it('does not find events of other sessions', () => {
    const log = new EventLog(PLENTY, PLENTY);
    const id = log.open(ACME).add('a', numbered(1));
    expect(log.open(ACME).after(id)).toBeUndefined();
  });

  it.each([
    ['events', { events: 3, bytes: 10_000 }],
    ['bytes', { events: 100, bytes: 3 * 450 }],
  ])('drops the oldest events of a session above its maximum of %s', (_what, bounds) => {
    const log = new EventLog(PLENTY, bounds);
    const events = log.open(ACME);
    const ids = [1, 2, 3, 4, 5].map((number) => events.add('a', numbered(number)));

    expect(log.size).toBe(3);
    expect(events.after(ids[1] ?? '')).toBeUndefined();
    expect(numbersAfter(events, ids[2] ?? '')).toEqual([numbered(4), numbered(5)]);
  });

  it('drops the oldest events of all sessions above the overall maximum', () => {
    const log = new EventLog({ events: 3, bytes: 10_000 }, PLENTY);
    const [one, other] = [log.open(ACME), log.open(ACME)];
    const first = one.add('a', numbered(1));
    const second = other.add('a', numbered(2));
    one.add('a', numbered(3));
    other.add('a', numbered(4));

    expect(log.size).toBe(3);
    expect(one.after(first)).toBeUndefined();
    expect(numbersAfter(other, second)).toEqual([numbered(4)]);
  });

  it('drops nothing of an organization that has less than another', () => {
    const log = new EventLog({ events: 100, bytes: 100_000 }, { events: 1_000, bytes: 1_000_000 });
    const [quiet, flood] = [log.open('organization:globex'), [log.open(ACME), log.open(ACME)]];
    const first = quiet.add('a', numbered(1));
    for (let number = 0; number < 500; number++) flood[number % 2]?.add('a', numbered(number));
    const large = sentMessage({ text: 'x'.repeat(40_000) });
    for (let number = 0; number < 10; number++) flood[number % 2]?.add('a', large);
    quiet.add('a', numbered(2));

    expect(numbersAfter(quiet, first)).toEqual([numbered(2)]);
    expect(log.size).toBeLessThan(100);
  });

  it('keeps neither an event above the maximum of a session nor earlier events', () => {
    const log = new EventLog(PLENTY, { events: 100, bytes: 500 });
    const events = log.open(ACME);
    const before = events.add('a', numbered(1));
    const large = events.add('a', sentMessage({ text: 'x'.repeat(100) }));

    expect(events.after(before)).toBeUndefined();
    expect(events.after(large)).toBeUndefined();
    expect(log.size).toBe(0);
    const next = events.add('a', numbered(2));
    expect(numbersAfter(events, next)).toEqual([]);
  });

  it('counts the overhead of an event in addition to its text', () => {
    const log = new EventLog(PLENTY, { events: 100, bytes: 1_000 });
    const events = log.open(ACME);
    for (let mark = 0; mark < 10; mark++) events.add('a');
    expect(log.size).toBe(2);
  });

  it('is empty once its sessions have ended', () => {
    const log = new EventLog(PLENTY, PLENTY);
    const sessions = [log.open(ACME), log.open(ACME)];
    sessions.forEach((events) => [1, 2, 3].forEach((number) => events.add('a', numbered(number))));
    sessions.forEach((events) => events.clear());
    expect(log.size).toBe(0);
  });
});
