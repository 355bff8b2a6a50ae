import { createServer } from 'node:http';

import express from 'express';

import { NO_WORK } from '../../../test/support/no-work.js';
import { listen } from '../../values/listen.js';
import type { AcceptedForms } from '../wire/accepted-forms.js';
import { Answer } from './answer.js';

const BOTH = { json: true, eventStream: true };
const JSON_ONLY = { json: true, eventStream: false };
const STREAM_ONLY = { json: false, eventStream: true };
const notification = { jsonrpc: '2.0', method: 'notifications/message' };
const result = { jsonrpc: '2.0', id: 1, result: {} };
const other = { jsonrpc: '2.0', id: 2, result: {} };
const eventOf = (message: object): string => `event: message\ndata: ${JSON.stringify(message)}\n\n`;

/** Answers a request and returns what its client receives. */
async function received(
  forms: AcceptedForms,
  write: (answer: Answer) => void,
): Promise<{ status: number; type: string | undefined; text: string }> {
  const application = express().get('/', (_request, response) => write(new Answer(response, forms, NO_WORK)));
  const server = createServer(application);
  const port = await listen(server);
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const type = response.headers.get('content-type')?.split(';')[0];
    return { status: response.status, type, text: await response.text() };
  } finally {
    server.close();
  }
}

describe('an answer', () => {
  const notifyAndEnd = (answer: Answer): void => {
    answer.notify(notification);
    answer.end(result);
  };

  it('is JSON if the client accepts it', async () => {
    const expected = { status: 200, type: 'application/json', text: JSON.stringify(result) };
    expect(await received(BOTH, (answer) => answer.end(result))).toEqual(expected);
    expect(await received(JSON_ONLY, notifyAndEnd)).toEqual(expected);
  });

  it('is an event stream for a notification, or if the client accepts nothing else', async () => {
    const expected = { status: 200, type: 'text/event-stream' };
    const both = eventOf(notification) + eventOf(result);
    expect(await received(BOTH, notifyAndEnd)).toEqual({ ...expected, text: both });
    expect(await received(STREAM_ONLY, (answer) => answer.end(result))).toEqual({
      ...expected,
      text: eventOf(result),
    });
  });

  it('is JSON with another status, unless the stream is already open', async () => {
    const fail = (answer: Answer): void => answer.end(result, 400);
    const notifyAndFail = (answer: Answer): void => {
      answer.notify(notification);
      fail(answer);
    };
    expect(await received(STREAM_ONLY, fail)).toMatchObject({ status: 400, type: 'application/json' });
    expect(await received(BOTH, notifyAndFail)).toMatchObject({ status: 200, type: 'text/event-stream' });
  });

  it('to a batch is one array, or several events', async () => {
    const end = (answer: Answer): void => answer.endBatch([result, other]);
    expect(await received(BOTH, end)).toMatchObject({ text: JSON.stringify([result, other]) });
    expect(await received(STREAM_ONLY, end)).toMatchObject({ text: eventOf(result) + eventOf(other) });
  });

  it('can be empty', async () => {
    expect(await received(BOTH, (answer) => answer.endEmpty(202))).toEqual({
      status: 202,
      type: undefined,
      text: '',
    });
  });
});
