import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Validator } from '@seriousme/openapi-schema-validator';
import { isScalar, parseDocument, visit } from 'yaml';

import { systemErrorCode } from '../../values/system-error-code.js';
import { isRecord } from '../../values/is-record.js';
import { messageOf } from '../../values/trace-of.js';
import { withoutByteOrderMark } from '../../values/without-byte-order-mark.js';
import type { ApiDocument } from '../controllers/api-document.js';
import { referenceFaults } from './reference-faults.js';
import { UpstreamClient } from './upstream-client.js';

/** One for all documents, since it compiles the schema of OpenAPI once. */
const VALIDATOR = new Validator();

/** Maximum size of a document. GitHub's, the largest known, has 13 MB. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** YAML takes far longer to read than JSON. */
const MAX_YAML_BYTES = 4 * 1024 * 1024;
/** Maximum time to load a document from a URL. */
const FETCH_TIMEOUT_MS = 30_000;
/** Maximum number of faults that are named. */
const MAX_FAULTS = 10;

/** Document, or the reasons why it cannot be used. */
export type Loaded = { readonly document: ApiDocument } | { readonly problems: readonly string[] };

/**
 * Reads and validates an OpenAPI document. Never loads what it refers to.
 *
 * @throws {Error} when a URL cannot be loaded, which a later start may do
 */
export async function loadDocument(
  source: string | URL | object,
  allowPrivateNetwork: boolean,
): Promise<Loaded> {
  const location = locationOf(source);
  let parsed: unknown = source;
  if (location instanceof URL) parsed = parse(await fetched(location, allowPrivateNetwork));
  else if (typeof location === 'string') {
    const text = await contentsOf(location);
    parsed = text instanceof Error ? text : parse(text);
  }
  if (parsed instanceof Error) return { problems: [`its document ${parsed.message}`] };
  const problems = await faultsOf(parsed);
  if (problems.length > 0 || !isRecord(parsed)) return { problems };
  return { document: { root: parsed, is30: String(parsed['openapi']).startsWith('3.0') } };
}

/** Returns the path or the URL of a document; undefined for an object. */
function locationOf(source: string | URL | object): string | URL | undefined {
  const url = source instanceof URL ? source : typeof source === 'string' ? webUrl(source) : undefined;
  if (url?.protocol === 'file:') return fileURLToPath(url);
  return url ?? (typeof source === 'string' ? source : undefined);
}

const webUrl = (text: string): URL | undefined =>
  /^(https?|file):/i.test(text) ? (URL.parse(text) ?? undefined) : undefined;

/** Returns an error instead of throwing it, because it is listed together with other problems. */
async function contentsOf(path: string): Promise<string | Error> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > MAX_DOCUMENT_BYTES) return tooLarge(path, size);
      const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    return new Error(`${path} cannot be read (${systemErrorCode(error)}).`);
  }
}

const tooLarge = (name: string, size: number): Error =>
  new Error(
    `${name} has ${size} bytes, with a maximum of ${MAX_DOCUMENT_BYTES}. Reduce it with: aerie-mcp import openapi.`,
  );

async function fetched(url: URL, allowPrivateNetwork: boolean): Promise<string> {
  const client = new UpstreamClient(url, allowPrivateNetwork);
  try {
    const { status, body } = await client.send(
      { method: 'GET', url, headers: {}, body: undefined, secrets: [] },
      AbortSignal.timeout(FETCH_TIMEOUT_MS),
      MAX_DOCUMENT_BYTES,
    );
    if (status !== 200) throw new Error(`the response has the status ${status}`);
    return body.toString('utf8');
  } catch (error) {
    const fault = messageOf(error);
    throw new Error(`The OpenAPI document ${url.origin}${url.pathname} cannot be loaded: ${fault}`, {
      cause: error,
    });
  } finally {
    await client.close();
  }
}

function parse(source: string): unknown {
  const text = withoutByteOrderMark(source);
  try {
    if (/^\s*[{[]/.test(text)) return JSON.parse(text);
    if (text.length > MAX_YAML_BYTES) {
      return new Error(
        `has ${text.length} characters of YAML, with a maximum of ${MAX_YAML_BYTES}. Convert it to JSON.`,
      );
    }
    return yamlData(text);
  } catch (error) {
    const fault = messageOf(error);
    return new Error(`is neither JSON nor YAML: ${fault.slice(0, 300)}`);
  }
}

/**
 * Parses YAML into data of JSON, which neither contains itself nor shares objects.
 *
 * @throws {Error} when that is not possible, or when a name appears twice in an object
 */
function yamlData(text: string): unknown {
  // The library compares each name with all others, which takes minutes for a long object.
  const document = parseDocument(text, { uniqueKeys: false });
  const [fault] = document.errors;
  if (fault) throw fault;
  visit(document, {
    Map: (_key, { items }) => {
      const names = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (names.has(key.value)) throw new Error(`"${String(key.value).slice(0, 200)}" appears twice.`);
        names.add(key.value);
      }
    },
  });
  return JSON.parse(JSON.stringify(document.toJS()) ?? 'null');
}

async function faultsOf(document: unknown): Promise<string[]> {
  const version = isRecord(document) ? (document['openapi'] ?? document['swagger']) : undefined;
  if (!isRecord(document) || typeof version !== 'string' || !/^3\.[01](\.|$)/.test(version)) {
    const found = typeof version === 'string' ? `is version ${version.slice(0, 20)}` : 'names no version';
    return [`its document ${found}. Use OpenAPI 3.0 or 3.1.`];
  }
  try {
    const { valid, errors } = await VALIDATOR.validate(document);
    // A text comes from the library's own check of references, which stops at the first fault.
    const faults =
      valid || typeof errors === 'string' ? referenceFaults(document) : (errors ?? []).map(faultText);
    return faults.slice(0, MAX_FAULTS).map((fault) => `its document ${fault}`);
  } catch (error) {
    // A document that nests too deeply exceeds the stack.
    const fault = messageOf(error);
    return [`its document cannot be validated: ${fault.slice(0, 300)}`];
  } finally {
    VALIDATOR.specification = {}; // it would keep the document
  }
}

const faultText = ({
  instancePath,
  message = 'is invalid',
}: {
  readonly instancePath: string;
  readonly message?: string;
}): string => `is invalid: ${instancePath.slice(0, 300) || 'it'} ${message.slice(0, 300)}`;
