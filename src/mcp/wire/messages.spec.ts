import { JsonRpcError } from './json-rpc-error.js';
import { answerId, cancelledIn, messagesOf, methodOf, targetOf } from './messages.js';

const ping = (id: number): object => ({ jsonrpc: '2.0', id, method: 'ping' });
const cancellation = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };

function reasonFor(body: unknown, revision?: string): string {
  try {
    messagesOf(body, revision);
  } catch (error) {
    if (error instanceof JsonRpcError) return `${error.httpStatus} ${error.reason}`;
  }
  return 'accepted';
}

describe('the messages of a body', () => {
  it('are the body itself if it is no batch', () => {
    expect(messagesOf(ping(1), '2026-07-28')).toEqual({ body: ping(1), all: [ping(1)] });
  });

  it.each([undefined, '2025-03-26'])('may be a batch in the revision %s', (revision) => {
    expect(messagesOf([ping(1), ping(2)], revision).all).toEqual([ping(1), ping(2)]);
  });

  it.each([
    ['a batch in a revision without batches', [ping(1)], '2025-06-18', '400 invalid_batch'],
    ['an empty batch', [], undefined, '400 invalid_batch'],
    [
      'a batch of 101 messages',
      Array.from({ length: 101 }, (_, id) => ping(id)),
      undefined,
      '400 invalid_batch',
    ],
    ['two requests with one ID', [ping(1), ping(1)], undefined, '400 duplicate_id'],
  ])('are rejected for %s', (_what, body, revision, reason) => {
    expect(reasonFor(body, revision)).toBe(reason);
  });

  it('exclude the cancellations of a batch, which would never be answered', () => {
    expect(messagesOf([cancellation, ping(1)], undefined)).toEqual({ body: [ping(1)], all: [ping(1)] });
  });

  it('include the cancellations of a batch in a session', () => {
    expect(messagesOf([cancellation, ping(1)], undefined, true).all).toHaveLength(2);
  });
});

describe('the method of a message', () => {
  it.each([null, 'ping', [ping(1)], { method: 7 }, {}])('is undefined for %j', (message) => {
    expect(methodOf(message)).toBeUndefined();
  });

  it('is its member method', () => {
    expect(methodOf(ping(1))).toBe('ping');
  });
});

describe('the target of a message', () => {
  it.each([
    ['tools/call', { name: 'greet' }, { kind: 'tool', name: 'greet' }],
    ['prompts/get', { name: 'review' }, { kind: 'prompt', name: 'review' }],
    ['resources/read', { uri: 'todo://1' }, { kind: 'resource', name: 'todo://1' }],
    ['resources/subscribe', { uri: 'todo://1' }, { kind: 'resource', name: 'todo://1' }],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'review' } },
      { kind: 'prompt', name: 'review' },
    ],
    [
      'completion/complete',
      { ref: { type: 'ref/resource', uri: 'todo://{id}' } },
      { kind: 'template', name: 'todo://{id}' },
    ],
  ])('of %s is the offer that %j names', (method, params, target) => {
    expect(targetOf({ method, params })).toEqual(target);
  });

  it.each([
    ['tools/list', {}],
    ['tools/call', { name: 7 }],
    ['tools/call', undefined],
    ['completion/complete', { ref: 'review' }],
    ['resources/unsubscribe', { uri: 'todo://1' }],
  ])('of %s is undefined with the parameters %j', (method, params) => {
    expect(targetOf({ method, params })).toBeUndefined();
  });
});

describe('a cancellation', () => {
  it('names the request that it cancels', () => {
    expect(cancelledIn(cancellation)).toBe(1);
  });

  it.each([
    { ...cancellation, id: 5 },
    { ...cancellation, params: {} },
    { ...cancellation, params: { requestId: null } },
    ping(1),
  ])('is not %j', (message) => {
    expect(cancelledIn(message)).toBeUndefined();
  });
});

describe('the ID of an error response', () => {
  it('is the ID of the request, and null for a notification', () => {
    expect(answerId(ping(7))).toBe(7);
    expect(answerId({ jsonrpc: '2.0', method: 'notifications/initialized' })).toBeNull();
  });
});
