import { isJSONRPCRequest } from '@modelcontextprotocol/server';

import { isRequest, plainLegacyRequest, plainModernRequest } from './plain-request.js';

const plain = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'greet' } };
const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const modern = { ...plain, params: { ...plain.params, _meta: envelope } };
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
      { ...plain, jsonrpc: value },
      { ...plain, id: value },
      { ...plain, method: value },
      { ...plain, params: value },
      { ...plain, params: { name: value } },
      { ...plain, extra: value },
      { ...plain, result: value },
      { ...plain, error: value },
    ]),
    ...metas.map((meta) => ({ ...plain, params: { _meta: meta } })),
    ...Object.keys(plain).map((left) =>
      Object.fromEntries(Object.entries(plain).filter(([name]) => name !== left)),
    ),
  ];

  it('accepts only requests that the SDK accepts, because it never answers others', () => {
    const taken = values.filter(isRequest);
    expect(taken.length).toBeGreaterThan(20);
    expect(taken.filter((value) => !isJSONRPCRequest(value))).toEqual([]);
  });

  it('accepts requests of real clients', () => {
    for (const request of [
      plain,
      modern,
      { ...plain, id: 'a' },
      { jsonrpc: '2.0', id: 0, method: 'tools/list' },
    ]) {
      expect(isRequest(request)).toBe(true);
    }
    expect(isRequest({ ...plain, params: { _meta: { progressToken: 'p' } } })).toBe(true);
  });
});

describe('plainModernRequest', () => {
  it('accepts a request with matching headers', () => {
    expect(plainModernRequest(modern, modernHeaders)).toBe(modern);
  });

  it.each([
    { ...modernHeaders, 'mcp-protocol-version': '2025-11-25' },
    { ...modernHeaders, 'mcp-method': 'tools/list' },
    { ...modernHeaders, 'mcp-name': 'other' },
    { 'mcp-protocol-version': '2026-07-28' },
  ])('rejects the headers %j', (headers) => {
    expect(plainModernRequest(modern, headers)).toBeUndefined();
  });

  it('rejects a request without a valid envelope', () => {
    expect(plainModernRequest(plain, modernHeaders)).toBeUndefined();
    const other = {
      ...plain,
      params: { _meta: { ...envelope, 'io.modelcontextprotocol/protocolVersion': '2027' } },
    };
    expect(plainModernRequest(other, modernHeaders)).toBeUndefined();
  });
});

describe('plainLegacyRequest', () => {
  it('accepts requests that do not refer to MCP 2026-07-28', () => {
    expect(plainLegacyRequest(plain, {})).toBe(plain);
    expect(plainLegacyRequest(plain, { 'mcp-protocol-version': '2025-06-18' })).toBe(plain);
    expect(plainLegacyRequest(plain, { 'mcp-protocol-version': '2026-07-28' })).toBeUndefined();
    expect(plainLegacyRequest(plain, { 'mcp-method': 'tools/call' })).toBeUndefined();
    expect(plainLegacyRequest(modern, {})).toBeUndefined();
    expect(plainLegacyRequest([plain], {})).toBeUndefined();
  });
});
