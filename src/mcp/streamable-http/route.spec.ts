import type { IncomingHttpHeaders } from 'node:http';

import { MODERN, MODERN_ENVELOPE } from '../../../test/support/rpc.js';
import { type Route, routeOf } from './route.js';

const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'greet' } };
const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const notification = { jsonrpc: '2.0', method: 'notifications/initialized' };
const invalid = { hello: 1 };
const asModern = (method: string, params: object = {}): object => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  params: { ...params, _meta: MODERN_ENVELOPE },
});
const modernCall = asModern('tools/call', { name: 'greet' });
const modern = (method = 'tools/call', more: IncomingHttpHeaders = {}): IncomingHttpHeaders => ({
  'mcp-protocol-version': MODERN,
  'mcp-method': method,
  ...(method === 'tools/call' && { 'mcp-name': 'greet' }),
  ...more,
});
const session = { 'mcp-session-id': 'any' };

const route = (body: unknown, headers: IncomingHttpHeaders = {}, hasSessions = true): Route =>
  routeOf(body, headers, { hasSessions, hasHandler: (method) => method === 'tools/call' });

/** Returns the error of a request without a route. */
function refusalOf(body: unknown, headers: IncomingHttpHeaders = {}): unknown {
  try {
    return route(body, headers);
  } catch (error) {
    return error;
  }
}

describe('the route of a modern message', () => {
  it('is the fast path if its headers match its body, even if it names a session', () => {
    expect(route(modernCall, modern())).toEqual({ way: 'fast', era: 'modern', request: modernCall });
    expect(route(modernCall, modern('tools/call', session)).way).toBe('fast');
  });

  it.each([
    ['an encoded header', modernCall, modern('tools/call', { 'mcp-name': '=?base64?Z3JlZXQ=?=' })],
    ['a method without a handler', asModern('server/discover'), modern('server/discover')],
    ['missing headers, which the handler of the SDK rejects', modernCall, { 'mcp-protocol-version': MODERN }],
    ['a notification', notification, modern(notification.method)],
  ])('is the handler of the SDK for %s', (_what, body, headers) => {
    expect(route(body, headers)).toEqual({ way: 'modern' });
  });

  it('is a stream for a request to listen', () => {
    const method = 'subscriptions/listen';
    expect(route(asModern(method), modern(method))).toEqual({ way: 'listen' });
    const listening: unknown = JSON.parse(JSON.stringify({ ...asModern(method), id: undefined }));
    expect(route(listening, modern(method))).toEqual({ way: 'modern' });
  });

  it.each([
    ['header_mismatch', -32_020, 'another method in its header', modernCall, modern('tools/list')],
    [
      'header_mismatch',
      -32_020,
      'another revision in its header',
      modernCall,
      { 'mcp-protocol-version': '1' },
    ],
    ['header_mismatch', -32_020, 'a handshake', initialize, modern('initialize')],
    ['invalid_params', -32_602, 'no _meta', call, modern()],
  ])('is refused as %s (%d) for %s', (reason, code, _what, body, headers) => {
    expect(refusalOf(body, headers)).toMatchObject({ reason, code, httpStatus: 400, details: { id: 1 } });
  });

  it('is refused in a batch', () => {
    expect(refusalOf([call, modernCall])).toMatchObject({ reason: 'invalid_batch', httpStatus: 400 });
  });
});

describe('the route of a legacy message', () => {
  it('is the fast path for a request without a session', () => {
    expect(route(call)).toEqual({ way: 'fast', era: 'legacy', request: call });
    expect(route(call, session, false).way).toBe('fast');
  });

  it.each([
    ['a request', call],
    ['a notification', notification],
    ['an answer', { jsonrpc: '2.0', id: 1, result: {} }],
  ])('is the session that it names: %s', (_what, body) => {
    expect(route(body, session)).toEqual({ way: 'session', body, refusals: undefined });
  });

  it('is a new session for a handshake, if sessions are enabled', () => {
    expect(route(initialize).way).toBe('session');
    expect(route(initialize, {}, false)).toEqual({
      way: 'sessionless',
      body: initialize,
      refusals: undefined,
    });
  });

  it.each([
    ['a method without a handler', { ...call, method: 'ping' }],
    ['a notification', notification],
  ])('is a server of its own for %s without a session', (_what, body) => {
    expect(route(body)).toEqual({ way: 'sessionless', body, refusals: undefined });
  });

  it.each([
    ['sessionless', {}],
    ['session', session],
  ])('carries the valid messages of a batch and the responses to the others: %s', (way, headers) => {
    expect(route([call, invalid], headers)).toEqual({
      way,
      body: [call],
      refusals: [expect.objectContaining({ error: expect.objectContaining({ code: -32_600 }) })],
    });
    expect(route([call], headers)).toEqual({ way, body: [call], refusals: [] });
  });
});

it.each([[invalid], [[invalid]], ['text'], [null]])('refuses %j, which is no message', (body) => {
  expect(refusalOf(body)).toMatchObject({ reason: 'invalid_message', httpStatus: 400 });
});
