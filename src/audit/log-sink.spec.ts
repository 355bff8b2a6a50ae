import { acceptJson, type LineLog } from '../logging/line-log.js';
import { Chain } from './chain.js';
import { LogSink } from './log-sink.js';

describe('LogSink', () => {
  it('keeps records that the log does not take, and writes each once', async () => {
    const log: LineLog = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    const written: string[] = [];
    let room = 2;
    acceptJson(log, (_field, json) => {
      if (room === 0) return false;
      room--;
      written.push(json);
      return true;
    });
    const chain = new Chain('test', 0);
    const lines = Array.from({ length: 5 }, () => chain.add({ event: 'tool.call', outcome: 'success' }, 0));
    const sink = new LogSink(log);
    await expect(sink.write(lines.slice(0, 3))).rejects.toThrow('Standard output is read too slowly.');
    room = 10;
    await sink.write(lines.slice(0, 3));
    await sink.write(lines.slice(3));
    expect(written).toEqual(lines.map(({ text }) => text));
  });
});
