import { NO_WORK } from '../../../test/support/no-work.js';
import { aPrincipal } from '../../../test/support/principal.js';
import type { Work } from '../context/work.js';
import { type PendingRequest, PendingRequests } from './pending-requests.js';

describe('pending requests', () => {
  const asker = aPrincipal({ scopes: ['todo:write'] });
  let pending: PendingRequests<PendingRequest>;
  let calls: string[];
  beforeEach(() => {
    pending = new PendingRequests();
    calls = [];
  });
  const add = (work: Partial<Work> = {}): number =>
    pending.add('id', {
      principal: asker,
      work: {
        ...NO_WORK,
        pause: () => calls.push('pause'),
        resume: () => calls.push('resume'),
        stopWaiting: () => calls.push('stop'),
        ...work,
      },
    });
  const full = (): never => {
    throw new Error('There is no place.');
  };

  it('free their place from their first question to the last answer', () => {
    const number = add();
    pending.ask('a', number);
    pending.ask('b', number);
    expect(calls).toEqual(['pause']);
    expect(pending.answer('a', asker)).toBe(true);
    expect(calls).toEqual(['pause']);
    expect(pending.answer('b', asker)).toBe(true);
    expect(calls).toEqual(['pause', 'resume']);
    expect(pending.isAsking).toBe(false);
  });

  it('work except from their first question to the last answer', () => {
    expect(pending.isWorking).toBe(false);
    const number = add();
    const seen = [pending.isWorking];
    for (const question of ['a', 'b']) {
      pending.ask(question, number);
      seen.push(pending.isWorking);
    }
    for (const question of ['a', 'b']) {
      pending.answer(question, asker);
      seen.push(pending.isWorking);
    }
    pending.remove(number);
    expect([...seen, pending.isWorking]).toEqual([true, false, false, false, true, false]);
  });

  it('ignore answers to unknown questions, such as the same ID as a string', () => {
    pending.ask(0, add());
    for (const question of [1, '0', undefined]) expect(pending.answer(question, asker)).toBe(false);
    expect(pending.isAsking).toBe(true);
  });

  it('keep a question if the request cannot resume after the answer', () => {
    pending.ask('a', add({ resume: full }));
    expect(() => pending.answer('a', asker)).toThrow('There is no place.');
    expect(pending.isAsking).toBe(true);
  });

  it('keep a question if the token of the answer has fewer rights, until another one answers', () => {
    pending.ask('a', add());
    expect(() => pending.answer('a', aPrincipal())).toThrow('todo:write');
    expect(calls).toEqual(['pause']);
    expect(pending.answer('a', aPrincipal({ scopes: ['todo:write', 'todo:read'] }))).toBe(true);
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('are found by their token', () => {
    const number = add();
    expect(pending.of(asker)).toEqual([number]);
    expect(pending.of(aPrincipal({ scopes: ['todo:write'] }))).toEqual([]);
  });

  it('cannot ask while too many requests wait', () => {
    const number = add({ pause: full });
    expect(() => pending.ask('a', number)).toThrow('There is no place.');
    expect(pending.isAsking).toBe(false);
  });

  it('are removed together with their questions', () => {
    const number = add();
    pending.ask('a', number);
    pending.remove(number);
    expect(pending.isAsking).toBe(false);
    expect(pending.answer('a', asker)).toBe(false);
  });

  it('stop waiting when they are removed, even if their question was withdrawn', () => {
    for (const leave of [() => {}, () => pending.withdraw('a')]) {
      const number = add();
      pending.ask('a', number);
      leave();
      pending.remove(number);
    }
    expect(calls).toEqual(['pause', 'stop', 'pause', 'stop']);
    pending.remove(add());
    expect(calls).toHaveLength(4);
  });

  it('pass to the server under their numbers, and back under the IDs of their client', () => {
    const number = add();
    expect(pending.incoming({ method: 'ping', id: 'id' })).toEqual({
      message: { method: 'ping', id: number },
    });
    expect(pending.outgoing({ id: number, result: {} }, undefined)).toEqual({ id: 'id', result: {} });
    pending.remove(number);
    expect(pending.incoming({ method: 'ping', id: 'id' })).toBeUndefined();
  });

  it('are cancelled by number, and only while they are pending', () => {
    const cancellation = { method: 'notifications/cancelled', params: { requestId: 'id', reason: 'x' } };
    expect(pending.incoming(cancellation)).toBeUndefined();
    const number = add();
    expect(pending.incoming(cancellation)).toEqual({
      message: { ...cancellation, params: { requestId: number, reason: 'x' } },
      cancels: number,
    });
  });

  it('reject a second request with the same ID', () => {
    pending.requireNew('id');
    add();
    expect(() => pending.requireNew('id')).toThrow('still pending');
  });

  describe('are abandoned', () => {
    const look = (canAnswer = true): number => pending.abandoned(() => canAnswer).length;

    it('when they are idle in two sweeps in a row', () => {
      add();
      expect([look(), look()]).toEqual([0, 1]);
    });

    it('not while a handler runs', () => {
      add({ isRunning: true });
      expect([look(), look()]).toEqual([0, 0]);
    });

    it('when they wait for a client that has disconnected, unless it reconnects', () => {
      pending.ask('a', add());
      expect([look(), look(false), look(true), look(false), look(false)]).toEqual([0, 0, 0, 0, 1]);
    });

    it.each([
      ['its client returns', (): void => pending.touch('id')],
      ['its client answers, and it asks again', (): void => void pending.answer('a', asker)],
      ['it asks another question', (): void => {}],
    ])('not if %s between two sweeps', (_what, use) => {
      const number = add();
      pending.ask('a', number);
      expect([look(), look(false)]).toEqual([0, 0]);
      use();
      if (_what !== 'its client returns') pending.ask('b', number);
      expect([look(false), look(false)]).toEqual([0, 1]);
    });
  });
});
