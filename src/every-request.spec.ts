import { createServer } from 'node:http';

import express from 'express';

import { inMemoryTelemetry } from '../test/support/in-memory-telemetry.js';
import { until } from '../test/support/until.js';
import { everyRequest } from './every-request.js';
import { FairTurns } from './http/fair-turns.js';
import { Turns } from './limits/turns.js';
import { allObservers } from './observation/all-observers.js';
import type { EndedRequest } from './observation/observer.js';
import { listen } from './values/listen.js';

const WAIT_MS = 60;

class SlowTurns extends Turns {
  override get isFree(): boolean {
    return false;
  }

  override add(_group: string, _member: string, begin: () => void): void {
    setTimeout(begin, WAIT_MS);
  }
}

describe('everyRequest', () => {
  it('counts the wait for a turn as part of the request', async () => {
    const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    const ended: EndedRequest[] = [];
    const { telemetry, exporter } = inMemoryTelemetry();
    const observer = allObservers(
      [...telemetry.observers, { request: () => ({ end: (request) => void ended.push(request) }) }],
      log,
    );
    const options = { level: 'info', withIssuer: false, separate: false } as const;
    const application = express()
      .use(everyRequest(log, options, { stopping: false }, observer))
      .use((_request, response) => void response.send('text'));
    const turns = new FairTurns(application, undefined, new SlowTurns());
    const server = createServer((request, response) => turns.serve(request, response));
    await (await fetch(`http://127.0.0.1:${await listen(server)}`)).text();
    await until(() => exporter.getFinishedSpans().length > 0);
    const [span] = exporter.getFinishedSpans();
    server.close();
    await telemetry.stop();
    const [seconds, nanoseconds] = span?.duration ?? [0, 0];
    const shortest = Math.min(ended[0]?.durationMs ?? 0, seconds * 1_000 + nanoseconds / 1e6);
    expect(shortest).toBeGreaterThan(WAIT_MS - 10);
  });
});
