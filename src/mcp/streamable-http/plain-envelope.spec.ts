import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PerRequestHTTPServerTransport,
  PROTOCOL_VERSION_META_KEY,
  Server,
} from '@modelcontextprotocol/server';

import { MODERN_REVISION } from '../wire/revisions.js';
import { acceptPlainEnvelopes, isPlainEnvelope } from './plain-envelope.js';

const client = { name: 'test', version: '1' };
const envelope = (capabilities: unknown, further: object = {}): object => ({
  [PROTOCOL_VERSION_META_KEY]: MODERN_REVISION,
  [CLIENT_CAPABILITIES_META_KEY]: capabilities,
  ...further,
});

/** Returns the SDK's check of an envelope in the modern era, or the one that replaces it. */
async function checkOf(isQuick: boolean): Promise<(envelope: unknown) => unknown> {
  const server = new Server(client, { supportedProtocolVersions: [MODERN_REVISION] });
  const classification = { era: 'modern', revision: MODERN_REVISION } as const;
  await server.connect(new PerRequestHTTPServerTransport({ classification }));
  Object.assign(server, { _negotiatedProtocolVersion: MODERN_REVISION });
  if (isQuick && !acceptPlainEnvelopes(server)) throw new Error('The SDK has changed.');
  const codec = (server as unknown as Record<string, () => Record<string, (material: object) => unknown>>)[
    '_negotiatedWireCodec'
  ]!();
  return (given) => codec['checkInboundEnvelope']!({ envelope: given });
}

const PLAIN: readonly object[] = [
  envelope({}),
  envelope({ roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } }),
  envelope({ unknown: { option: {} }, experimental: { one: {} }, extensions: { two: {} } }),
  envelope({}, { [CLIENT_INFO_META_KEY]: client }),
  envelope({}, { [CLIENT_INFO_META_KEY]: { ...client, title: 'Test', description: '', websiteUrl: '' } }),
];

const VALID: readonly object[] = [
  envelope({}, { [LOG_LEVEL_META_KEY]: 'info' }),
  envelope({ elicitation: { form: { applyDefaults: true } } }),
  envelope({ unknown: 'text' }),
  envelope({}, { [CLIENT_INFO_META_KEY]: { ...client, icons: [] } }),
];

const INVALID: readonly object[] = [
  { [CLIENT_CAPABILITIES_META_KEY]: {} },
  { [PROTOCOL_VERSION_META_KEY]: MODERN_REVISION },
  envelope([]),
  envelope({ roots: { listChanged: {} } }),
  envelope({ experimental: { listChanged: true } }),
  envelope({ elicitation: { form: { applyDefaults: 'yes' } } }),
  envelope({}, { [CLIENT_INFO_META_KEY]: { name: 'test' } }),
  envelope({}, { [CLIENT_INFO_META_KEY]: { ...client, title: 1 } }),
  envelope({}, { [CLIENT_INFO_META_KEY]: { ...client, icons: 'none' } }),
  envelope({}, { [LOG_LEVEL_META_KEY]: 'loud' }),
];

describe('isPlainEnvelope', () => {
  it.each(PLAIN)('accepts %j, as does the SDK', async (given) => {
    expect(isPlainEnvelope(given)).toBe(true);
    expect((await checkOf(false))(given)).toBeUndefined();
  });

  it.each([...VALID, ...INVALID])('leaves %j to the SDK', (given) => {
    expect(isPlainEnvelope(given)).toBe(false);
  });
});

describe('acceptPlainEnvelopes', () => {
  it('keeps the outcome of the check for every envelope', async () => {
    const [quick, thorough] = [await checkOf(true), await checkOf(false)];
    for (const given of [...PLAIN, ...VALID, ...INVALID, undefined])
      expect(quick(given)).toEqual(thorough(given));
    expect(INVALID.map((given) => typeof quick(given))).toEqual(INVALID.map(() => 'string'));
  });
});
