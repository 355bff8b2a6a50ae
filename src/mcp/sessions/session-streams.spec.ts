import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import express, { type Response } from 'express';

import { NO_WORK } from '../../../test/support/no-work.js';
import { aPrincipal } from '../../../test/support/principal.js';
import { EventLog } from './event-log.js';
import { type PostConnection, SessionStreams } from './session-streams.js';

describe('SessionStreams', () => {
  const streamsOf = (events: number): SessionStreams => {
    const bounds = { events, bytes: 1_000_000 };
    const overall = { events: 2 * events, bytes: 2_000_000 };
    const streams = new SessionStreams(new EventLog(overall, bounds).open('organization:acme'));
    streams.isResumable = true;
    return streams;
  };

  /** Creates a connection, and returns it with a function that reads the IDs and methods of its events. */
  const connect = (): [PostConnection, () => string[]] => {
    const created: unknown = Object.setPrototypeOf(
      new ServerResponse(new IncomingMessage(new Socket())),
      express.response,
    );
    const response = created as Response;
    const write = jest.spyOn(response, 'write');
    const connection: PostConnection = {
      principal: aPrincipal(),
      mayRead: () => true,
      response,
      watch: () => () => {},
      forms: { json: false, eventStream: true },
      refusals: undefined,
      work: NO_WORK,
    };
    const read = (): string[] => {
      const text = write.mock.calls.map(([chunk]) => String(chunk)).join('');
      return [...text.matchAll(/^id: (.*)$|"method":"(.*?)"/gm)].map(([, id, method]) => method ?? id ?? '');
    };
    return [connection, read];
  };
  const notify = (streams: SessionStreams, ...methods: string[]): void => {
    const { listening } = streams;
    for (const method of methods) if (listening) streams.write(listening, { jsonrpc: '2.0', method });
  };

  it('sends all kept messages to a listening client whose last event was dropped', () => {
    const streams = streamsOf(2);
    const [first, read] = connect();
    streams.listen(first);
    const [mark = ''] = read();
    streams.stopListening();
    notify(streams, 'a', 'b', 'c'); // and so drops the mark and the first message
    const [second, readAgain] = connect();
    expect([...streams.resume(mark, second)]).toEqual([]);
    notify(streams, 'd');
    expect(readAgain().filter((text) => text.length === 1)).toEqual(['b', 'c', 'd']);
    expect(streams.attended).toBe(true);
  });

  it('keeps the place of a quiet call whose client resumes, however many events other calls have', () => {
    const streams = streamsOf(1_000);
    const [call, read] = connect();
    streams.open(new Set([1]), call);
    const [mark = ''] = read();
    const [other] = connect();
    const busy = streams.open(new Set([2]), other);
    for (let round = 0; round < 3; round++) {
      const [again] = connect();
      expect([...streams.resume(mark, again)]).toEqual([1]);
      for (let count = 0; count < 999; count++) {
        streams.write(busy, { jsonrpc: '2.0', method: 'progress' });
      }
    }
  });

  it('gives a listening client a new event to resume from if nothing of its stream is kept', () => {
    const streams = streamsOf(2);
    const [connection, read] = connect();
    streams.resume('listening-dropped', connection);
    const [mark = ''] = read();
    expect(mark).toMatch(/^listening-[0-9a-f-]{36}$/);
    streams.stopListening();
    notify(streams, 'a');
    const [second, readAgain] = connect();
    streams.resume(mark, second);
    expect(readAgain()).toEqual([expect.any(String), 'a']);
  });

  it('keeps the messages of a session however often its clients resume', () => {
    const streams = streamsOf(10);
    const [call, readCall] = connect();
    const stream = streams.open(new Set([1]), call);
    streams.write(stream, { jsonrpc: '2.0', method: 'progress' });
    const [start = ''] = readCall();
    const [listener, readListener] = connect();
    streams.listen(listener);
    const [mark = ''] = readListener();
    for (let count = 0; count <= 10; count++) {
      const [again, read] = connect();
      streams.resume(mark, again);
      expect(read()).toEqual([mark]);
      const [callAgain, readAgain] = connect();
      streams.resume(start, callAgain);
      expect(readAgain()).toEqual([expect.any(String), 'progress']);
    }
  });
});
