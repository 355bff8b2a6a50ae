import { AsyncLocalStorage } from 'node:async_hooks';

import { type ExportResult, ExportResultCode } from '@opentelemetry/core';

import { reportFailures } from './report-failures.js';

describe('reportFailures', () => {
  it('logs the first of several failures, and when the collector works again', () => {
    const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    let next: ExportResult = { code: ExportResultCode.SUCCESS };
    const exporter = reportFailures(
      { export: (_items: string[], done: (result: ExportResult) => void) => done(next) },
      'traces',
      log,
    );
    const done = jest.fn();
    const send = (error?: Error): void => {
      next = error ? { code: ExportResultCode.FAILED, error } : { code: ExportResultCode.SUCCESS };
      exporter.export([], done);
    };
    send();
    send(new Error('socket hang up'));
    send(new Error('socket hang up'));
    expect(log.error.mock.calls).toEqual([
      [{ problem: 'socket hang up' }, 'traces cannot be sent to the collector'],
    ]);
    expect(log.warn).not.toHaveBeenCalled();
    send();
    expect(log.warn.mock.calls).toEqual([[{}, 'traces can be sent to the collector again']]);
    send(new Error('socket hang up')); // within the minute
    send();
    expect([log.error.mock.calls.length, log.warn.mock.calls.length]).toEqual([1, 1]);
    expect(done).toHaveBeenCalledTimes(6);
  });

  it('logs outside of the request whose span began the batch', () => {
    const requests = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const log = {
      debug: jest.fn(),
      info: jest.fn(),
      warn: jest.fn(),
      error: () => seen.push(requests.getStore()),
    };
    const exporter = reportFailures(
      {
        export: (_items: string[], done: (result: ExportResult) => void) =>
          done({ code: ExportResultCode.FAILED, error: new Error('socket hang up') }),
      },
      'traces',
      log,
    );
    requests.run('request', () => exporter.export([], jest.fn()));
    expect(seen).toEqual([undefined]);
  });
});
