import { createServer, type Server } from 'node:http';

import express from 'express';

import type { ResponseAccount } from '../../limits/byte-budget.js';
import { listen } from '../../values/listen.js';
import { EventStream, eventText } from './event-stream.js';
import { AnswerWriter } from './unread-bytes.js';

/** Text that exceeds the buffers of a connection. */
const LARGE = 'x'.repeat(20 * 1024 ** 2);
const notification = (data: string): object => ({ jsonrpc: '2.0', method: 'notifications/message', data });
const answer = { jsonrpc: '2.0', id: 1, result: {} };

describe('a client that does not read', () => {
  let server: Server;
  afterEach(() => server.close());

  /** Writes to a stream and returns everything that the client then reads. */
  async function read(
    write: (stream: EventStream) => void,
    account?: ResponseAccount,
    canResume?: boolean,
  ): Promise<string> {
    const application = express().get('/', (_request, response) => {
      const writer = account && new AnswerWriter(response, account);
      write(new EventStream(response, writer, undefined, canResume));
    });
    server = createServer(application);
    return (await fetch(`http://127.0.0.1:${await listen(server)}/`)).text();
  }

  it('gets everything written before its connection ends, and resumes for the rest', async () => {
    const text = await read((stream) => {
      stream.write(notification(LARGE), 'first');
      stream.write(notification('more'), 'second');
      stream.write(answer, 'third');
    });
    expect(text.match(/^id: .*$/gm)).toEqual(['id: first']);
    expect(text).toContain(LARGE);
  });

  it('misses notifications, but no responses, if it cannot resume', async () => {
    const text = await read((stream) => {
      stream.write(notification(LARGE));
      stream.write(notification('more'));
      stream.write(answer);
      stream.end();
    });
    expect(text).not.toContain('more');
    expect(text).toContain(JSON.stringify(answer));
  });

  describe('beyond the budget of its caller', () => {
    const full: ResponseAccount = { holdUnread: () => false };

    it('misses notifications, but no responses, if it cannot resume', async () => {
      const text = await read((stream) => {
        stream.write(notification('more'));
        stream.write(answer);
        stream.end();
      }, full);
      expect(text).toBe(eventText(JSON.stringify(answer)));
    });

    it('misses notifications with an ID if it never resumes', async () => {
      const text = await read(
        (stream) => {
          stream.write(notification('more'), 'first');
          stream.write(answer, 'second');
          stream.end();
        },
        full,
        false,
      );
      expect(text).toBe(eventText(JSON.stringify(answer), 'second'));
    });

    it('resumes to get the notifications', async () => {
      const text = await read((stream) => {
        stream.prime('start', 1);
        stream.write(notification('more'), 'first');
        stream.write(answer, 'second');
      }, full);
      expect(text.match(/^id: .*$/gm)).toEqual(['id: start']);
    });
  });
});

describe('eventText', () => {
  it('writes one line of data, even for clients that split at all line ends of Unicode', () => {
    const message = { ...answer, result: { text: 'a\u0085b\u2028c\u2029d\r\n\v\fä' } };
    const lines = eventText(JSON.stringify(message)).split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
    expect(lines).toEqual(['event: message', expect.stringMatching(/^data: /), '', '']);
    expect(JSON.parse(lines[1]?.slice('data: '.length) ?? '')).toEqual(message);
  });
});
