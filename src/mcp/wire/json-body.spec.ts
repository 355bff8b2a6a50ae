import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import { ByteBudget } from '../../limits/byte-budget.js';
import { listen } from '../../values/listen.js';
import { readJsonBody } from './json-body.js';

const LIMITS = { bodyLimit: 1_000, maxDepth: 10 };
const BYTES = { instance: 10_000, caller: 10_000 };

/** Time in which bytes sent apart arrive apart. */
const APART_MS = 20;

describe('readJsonBody', () => {
  /** Serves requests, reads their bodies as each test says, and answers with what came out. */
  let prepare: (request: IncomingMessage) => unknown;
  const server = createServer((request, response) => {
    const read = async (): Promise<unknown> => {
      await prepare(request);
      const held = new ByteBudget(BYTES, 0).open({ caller: 'caller', group: 'organization' });
      return readJsonBody(request, LIMITS, held, async () => {});
    };
    read().then(
      (body) => response.end(JSON.stringify({ body })),
      (error: Error) => response.end(JSON.stringify({ error: error.message })),
    );
  });
  let port: number;
  let socket: Socket;

  beforeAll(async () => {
    port = await listen(server);
  });
  beforeEach(() => {
    socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
  });
  afterEach(() => socket.destroy());
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const complete = async (request: IncomingMessage): Promise<void> => {
    while (!request.complete) await sleep(1);
  };

  /** Sends the parts of a body one after the other, and returns the answer. */
  async function answerTo(length: number | undefined, ...parts: Uint8Array[]): Promise<unknown> {
    const framing = length === undefined ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
    const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n${framing}\r\n\r\n`;
    const [first = new Uint8Array(), ...rest] = parts;
    socket.write(Buffer.concat([Buffer.from(head), first]));
    for (const part of rest) {
      await sleep(APART_MS);
      socket.write(part);
    }
    let answer = '';
    for await (const bytes of socket) answer += String(bytes);
    return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
  }

  const text = Buffer.from('{"name":"Zoë 🪶"}');
  const value = { body: { name: 'Zoë 🪶' } };
  /** The body in two parts, cut within a character. */
  const halves = [text.subarray(0, 13), text.subarray(13)];

  const moments: [string, (request: IncomingMessage) => unknown][] = [
    ['when the headers arrive', () => undefined],
    ['when the body has arrived', complete],
  ];
  describe.each(moments)('begun %s', (_moment, wait) => {
    beforeEach(() => {
      prepare = wait;
    });

    it('reads a body that is sent at once', async () => {
      expect(await answerTo(text.length, text)).toEqual(value);
    });

    it('reads a body in parts that are cut within a character', async () => {
      expect(await answerTo(text.length, ...halves)).toEqual(value);
    });

    it('reads a body in chunks', async () => {
      const chunk = Buffer.concat([
        Buffer.from(`${text.length.toString(16)}\r\n`),
        text,
        Buffer.from('\r\n0\r\n\r\n'),
      ]);
      expect(await answerTo(undefined, chunk)).toEqual(value);
    });

    it('ignores a byte order mark', async () => {
      const marked = Buffer.concat([Buffer.from('\uFEFF'), text]);
      expect(await answerTo(marked.length, marked)).toEqual(value);
    });

    describe.each([
      ['with a character that is cut off', Buffer.from([0x22, 0xf0, 0x9f, 0x22])],
      ['in Latin-1', Buffer.from('"café"', 'latin1')],
      ['that ends within a character', Buffer.from([0x22, 0x22, 0xf0])],
    ])('refuses a body %s', (_what, bytes) => {
      const refusal = { error: 'Parse error: the body is not valid UTF-8.' };

      it('that is sent at once', async () => {
        expect(await answerTo(bytes.length, bytes)).toEqual(refusal);
      });

      it('that is sent in chunks', async () => {
        const size = Buffer.from(`${bytes.length.toString(16)}\r\n`);
        const chunk = Buffer.concat([size, bytes, Buffer.from('\r\n0\r\n\r\n')]);
        expect(await answerTo(undefined, chunk)).toEqual(refusal);
      });
    });

    it('refuses an empty body', async () => {
      const refusal = { error: 'Parse error: the body is not valid JSON.' };
      expect(await answerTo(0)).toEqual(refusal);
    });

    it('refuses a body above the maximum', async () => {
      const large = Buffer.from(JSON.stringify('x'.repeat(LIMITS.bodyLimit)));
      const refusal = { error: `The body is too large. The maximum is ${LIMITS.bodyLimit} bytes.` };
      expect(await answerTo(large.length, large)).toEqual(refusal);
    });

    it('refuses a body whose encoding the application has set', async () => {
      prepare = (request) => {
        request.setEncoding('utf8');
        return wait(request);
      };
      const refusal = { error: expect.stringContaining('The request body was already consumed') };
      expect(await answerTo(text.length, text)).toEqual(refusal);
    });
  });

  it('refuses a body that the application has read', async () => {
    prepare = async (request) => {
      for await (const _chunk of request);
    };
    const refusal = { error: expect.stringContaining('The request body was already consumed') };
    expect(await answerTo(text.length, text)).toEqual(refusal);
  });

  it('refuses a number that became infinite when the application parsed the body', async () => {
    const parse = (body: string): void => {
      prepare = async (request) => {
        Object.assign(request, { body: JSON.parse(await readAll(request)) });
      };
      sent = Buffer.from(body);
    };
    let sent = text;
    parse('{"limit":null,"of":[{"n":1}]}');
    expect(await answerTo(sent.length, sent)).toEqual({ body: { limit: null, of: [{ n: 1 }] } });
    socket = connect(port, '127.0.0.1');
    parse('{"of":[{"n":-1e400}]}');
    expect(await answerTo(sent.length, sent)).toEqual({ error: 'The body has a number that is too large.' });
  });

  it('refuses a body that the application is reading', async () => {
    prepare = async (request) => {
      request.resume();
      await complete(request);
    };
    const refusal = { error: expect.stringContaining('The request body was already consumed') };
    expect(await answerTo(text.length, text)).toEqual(refusal);
  });
});
