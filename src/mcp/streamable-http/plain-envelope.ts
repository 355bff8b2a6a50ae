import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  type Server,
} from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';

/** Members of a client's description. All are texts. */
const CLIENT_MEMBERS = new Set(['name', 'version', 'title', 'description', 'websiteUrl']);

/**
 * Whether the envelope of a modern request is valid, as far as this can be told at a glance: a description of the client
 * in texts, and capabilities without options. The SDK checks all other envelopes.
 */
export function isPlainEnvelope(envelope: unknown): boolean {
  if (!isRecord(envelope)) return false;
  for (const name in envelope) {
    const value = envelope[name];
    const isPlain =
      name === CLIENT_CAPABILITIES_META_KEY
        ? isRecord(value) && arePlainCapabilities(value)
        : name === CLIENT_INFO_META_KEY
          ? isRecord(value) && isPlainClient(value)
          : name === PROTOCOL_VERSION_META_KEY && typeof value === 'string';
    if (!isPlain) return false;
  }
  return PROTOCOL_VERSION_META_KEY in envelope && CLIENT_CAPABILITIES_META_KEY in envelope;
}

function arePlainCapabilities(capabilities: Readonly<Record<string, unknown>>): boolean {
  for (const name in capabilities) {
    const options = capabilities[name];
    if (!isRecord(options)) return false;
    for (const option in options) {
      const value = options[option];
      const isPlain =
        option === 'listChanged'
          ? name === 'roots' && typeof value === 'boolean'
          : isRecord(value) && Object.keys(value).length === 0;
      if (!isPlain) return false;
    }
  }
  return true;
}

function isPlainClient(client: Readonly<Record<string, unknown>>): boolean {
  for (const name in client) {
    if (!CLIENT_MEMBERS.has(name) || typeof client[name] !== 'string') return false;
  }
  return 'name' in client && 'version' in client;
}

/** Name of the internal method of an SDK server that returns the codec of its revision. */
const CODEC = '_negotiatedWireCodec';

/** Member of a codec that checks an envelope. Returns a problem. */
interface EnvelopeCodec {
  checkInboundEnvelope(material: { readonly envelope?: unknown }): string | undefined;
}

/**
 * Makes an SDK server accept plain envelopes without its schema, which takes 2 % of a call.
 *
 * @returns false if the SDK has no such codec; nothing is changed then
 */
export function acceptPlainEnvelopes(server: Server): boolean {
  const codecOf: unknown = Reflect.get(server, CODEC);
  if (typeof codecOf !== 'function') return false;
  const known = new WeakMap<EnvelopeCodec, EnvelopeCodec>();
  const quickCodec = (): unknown => {
    const codec: unknown = Reflect.apply(codecOf, server, []);
    if (!isEnvelopeCodec(codec)) return codec;
    let quick = known.get(codec);
    if (!quick) known.set(codec, (quick = withQuickCheck(codec)));
    return quick;
  };
  return isEnvelopeCodec(quickCodec()) && Reflect.set(server, CODEC, quickCodec);
}

const isEnvelopeCodec = (codec: unknown): codec is EnvelopeCodec =>
  isRecord(codec) && typeof codec['checkInboundEnvelope'] === 'function';

const withQuickCheck = (codec: EnvelopeCodec): EnvelopeCodec => ({
  ...codec,
  checkInboundEnvelope: (material) =>
    isPlainEnvelope(material.envelope) ? undefined : codec.checkInboundEnvelope(material),
});
