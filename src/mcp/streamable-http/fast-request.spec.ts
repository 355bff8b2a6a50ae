import { isJSONRPCRequest } from '@modelcontextprotocol/server';

import { isRequest } from '../wire/plain-request.js';
import { fastLegacyRequest, fastModernRequest } from './fast-request.js';

const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'greet' } };
const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const modern = { ...call, params: { ...call.params, _meta: envelope } };
const modernHeaders = {
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'greet',
};

describe('isRequest', () => {
  const odd = [undefined, null, true, 0, -1, 1.5, 2 ** 53, NaN, '', 'text', [], [1], {}, { a: 1 }];
  const metas = odd.flatMap((value) => [
    value,
    { progressToken: value },
    { 'io.modelcontextprotocol/related-task': value },
    { other: value },
  ]);
  const values = [
    ...odd,
    ...odd.flatMap((value) => [
      { ...call, jsonrpc: value },
      { ...call, id: value },
      { ...call, method: value },
      { ...call, params: value },
      { ...call, params: { name: value } },
      { ...call, extra: value },
      { ...call, result: value },
      { ...call, error: value },
    ]),
    ...metas.map((meta) => ({ ...call, params: { _meta: meta } })),
    ...Object.keys(call).map((left) =>
      Object.fromEntries(Object.entries(call).filter(([name]) => name !== left)),
    ),
  ];

  it('accepts only requests that the SDK accepts, because it never answers others', () => {
    const taken = values.filter(isRequest);
    expect(taken.length).toBeGreaterThan(20);
    expect(taken.filter((value) => !isJSONRPCRequest(value))).toEqual([]);
  });

  it('accepts requests of real clients', () => {
    for (const request of [
      call,
      modern,
      { ...call, id: 'a' },
      { jsonrpc: '2.0', id: 0, method: 'tools/list' },
    ]) {
      expect(isRequest(request)).toBe(true);
    }
    expect(isRequest({ ...call, params: { _meta: { progressToken: 'p' } } })).toBe(true);
  });
});

describe('fastModernRequest', () => {
  it('accepts a request with matching headers', () => {
    expect(fastModernRequest(modern, modernHeaders)).toBe(modern);
  });

  it.each([
    { ...modernHeaders, 'mcp-protocol-version': '2025-11-25' },
    { ...modernHeaders, 'mcp-method': 'tools/list' },
    { ...modernHeaders, 'mcp-name': 'other' },
    { 'mcp-protocol-version': '2026-07-28' },
  ])('leaves the headers %j to the SDK', (headers) => {
    expect(fastModernRequest(modern, headers)).toBeUndefined();
  });

  it('leaves a request without a valid envelope to the SDK', () => {
    expect(fastModernRequest(call, modernHeaders)).toBeUndefined();
    const other = {
      ...call,
      params: { _meta: { ...envelope, 'io.modelcontextprotocol/protocolVersion': '2027' } },
    };
    expect(fastModernRequest(other, modernHeaders)).toBeUndefined();
  });
});

describe('fastLegacyRequest', () => {
  it('accepts requests that do not refer to MCP 2026-07-28', () => {
    expect(fastLegacyRequest(call, {})).toBe(call);
    expect(fastLegacyRequest(call, { 'mcp-protocol-version': '2025-06-18' })).toBe(call);
    expect(fastLegacyRequest(call, { 'mcp-protocol-version': '2026-07-28' })).toBeUndefined();
    expect(fastLegacyRequest(call, { 'mcp-method': 'tools/call' })).toBeUndefined();
    expect(fastLegacyRequest(modern, {})).toBeUndefined();
    expect(fastLegacyRequest([call], {})).toBeUndefined();
  });
});
