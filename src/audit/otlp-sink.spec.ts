import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { listen } from '../values/listen.js';
import type { AuditFields } from './audit-record.js';
import { Chain } from './chain.js';
import { RefusedLinesError } from './sink.js';
import { OtlpSink } from './otlp-sink.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

/** Fields of a message of Protocol Buffers by number: numbers, and the bytes of everything longer. */
class Message {
  readonly #fields = new Map<number, (bigint | Buffer)[]>();

  constructor(bytes: Buffer) {
    let at = 0;
    const number = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = bytes.readUInt8(at++);
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const take = (length: number): Buffer => bytes.subarray(at, (at += length));
    while (at < bytes.length) {
      const tag = Number(number());
      const kind = tag & 7;
      const value =
        kind === 0
          ? number()
          : kind === 1
            ? take(8).readBigUInt64LE()
            : take(kind === 5 ? 4 : Number(number()));
      this.#fields.set(tag >> 3, [...(this.#fields.get(tag >> 3) ?? []), value]);
    }
  }

  all(field: number): Message[] {
    return (this.#fields.get(field) ?? []).map((value) => new Message(Buffer.from(Object(value) as Buffer)));
  }

  one(field: number): Message {
    const [found] = this.all(field);
    if (!found) throw new Error(`There is no field ${field}.`);
    return found;
  }

  bytes(field: number): Buffer {
    const [value] = this.#fields.get(field) ?? [];
    return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
  }

  number(field: number): number {
    const [value] = this.#fields.get(field) ?? [];
    return typeof value === 'bigint' ? Number(value) : Number.NaN;
  }

  /** Attributes as an object. */
  attributes(field: number): Record<string, unknown> {
    return Object.fromEntries(
      this.all(field).map((pair) => {
        const value = pair.one(2);
        const text = value.bytes(1).toString();
        return [pair.bytes(1).toString(), text === '' ? value.number(3) : text];
      }),
    );
  }
}

describe('OtlpSink', () => {
  let server: Server;
  let sink: OtlpSink;
  let received: { request: IncomingMessage; resource: Message; records: Message[] }[];
  let answer: (response: ServerResponse) => void;
  beforeEach(async () => {
    received = [];
    answer = (response) => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    server = createServer((request, response) => {
      const take = async (): Promise<void> => {
        const logs = new Message(await buffer(request)).one(1);
        received.push({ request, resource: logs.one(1), records: logs.one(2).all(2) });
        answer(response);
      };
      void take();
    });
    const port = await listen(server);
    sink = new OtlpSink(`http://127.0.0.1:${port}/v1/logs`);
  });
  afterEach(async () => {
    await sink.close();
    server.closeAllConnections();
    server.close();
  });

  const chain = new Chain('test:7', 0);
  const line = (fields: Partial<AuditFields> = {}) =>
    chain.add({ event: 'tool.call', outcome: 'success', ...fields }, 1_700_000_000_123);

  it('sends records by the log data model of OpenTelemetry', async () => {
    const denied = {
      event: 'access.denied',
      outcome: 'denied',
      reason: 'insufficient_scope',
      subject: 'usr_1',
      organization: 'org_1',
      tool: 'refund',
      status: 403,
      traceId: TRACE,
      address: '127.0.0.1',
    } as const;
    const missed = { event: 'records.missed', outcome: 'failure' } as const;
    const lines = [line(denied), line(), line({ ...missed, count: 3 }), line({ ...missed, count: 0 })];
    await sink.write(lines);
    const [{ request, resource, records } = {}] = received;
    expect([request?.url, request?.headers['content-type']]).toEqual(['/v1/logs', 'application/x-protobuf']);
    expect(resource?.attributes(1)).toMatchObject({
      'service.name': 'aerie',
      'service.version': expect.any(String),
      'service.instance.id': 'test:7',
    });
    expect(records?.map((record) => record.one(5).bytes(1).toString())).toEqual(
      lines.map(({ text }) => text),
    );
    expect(records?.map((record) => [record.bytes(3).toString(), record.number(2)])).toEqual([
      ['WARN', 13],
      ['INFO', 9],
      ['ERROR', 17],
      ['INFO', 9],
    ]);
    const [first, second] = records ?? [];
    expect(first?.number(1)).toBe(1_700_000_000_123_000_000);
    expect(first?.number(11)).toBe(1_700_000_000_123_000_000);
    expect(first?.bytes(12).toString()).toBe('aerie.audit.access.denied');
    expect(first?.bytes(9).toString('hex')).toBe(TRACE);
    expect([first?.bytes(10).length, second?.bytes(9).length]).toEqual([0, 0]);
    expect(first?.attributes(6)).toEqual({
      'user.id': 'usr_1',
      'client.address': '127.0.0.1',
      'gen_ai.tool.name': 'refund',
      'error.type': 'insufficient_scope',
      'http.response.status_code': 403,
      'aerie.outcome': 'denied',
      'aerie.organization': 'org_1',
      'aerie.audit.chain': chain.id,
      'aerie.audit.seq': 0,
      'aerie.audit.hash': lines[0]?.record.hash,
    });
  });

  it.each([
    [400, Error],
    [401, Error],
    [413, RefusedLinesError],
  ])('fails if the collector answers %i, so that the records are sent again', async (status, Fault) => {
    answer = (response) => response.writeHead(status).end();
    const error: unknown = await sink.write([line()]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      constructor: Fault,
      message: expect.stringContaining('The collector took no audit records'),
    });
  });
});
