import type { IncomingMessage } from 'node:http';

import { INVALID_REQUEST, isJsonContentType, PARSE_ERROR } from '@modelcontextprotocol/server';
import { getRawBody } from 'raw-body';

import type { HeldBytes } from '../../limits/byte-budget.js';
import type { TakenBy } from '../../limits/places.js';
import { isObject } from '../../values/is-object.js';
import { isRecord } from '../../values/is-record.js';
import { BodyDecoder, TooManyChunks } from './body-decoder.js';
import { JsonRpcError, REFUSED } from './json-rpc-error.js';
import { structureOf } from './json-shape.js';
import { requireSmallMetadata } from './metadata-size.js';
import { limited, TAKEN_BY } from './limited.js';

/** Minimum length of a body that waits for a turn before it is parsed, characters. */
const LARGE = 64 * 1024;

export interface BodyLimits {
  /** Maximum size of a body, bytes. A body with a larger `Content-Length` is not read; other bodies up to the limit. */
  readonly bodyLimit: number;
  /** Maximum nesting of arrays and objects. */
  readonly maxDepth: number;
}

/**
 * Reads the body of a request as JSON. A body that the application has already parsed passes the same checks.
 *
 * @param held account for the memory of the body; charged before reading if the length is known
 * @param turn waits for a turn before work that takes milliseconds
 * @throws {JsonRpcError} 415 for another media type; 413 for a body that is too large; 400 for a body that is not JSON,
 *   nests too deeply, or has too many values outside the arguments of a tool; 429 or 503 when too many bytes are held
 */
export async function readJsonBody(
  request: IncomingMessage,
  { bodyLimit, maxDepth }: BodyLimits,
  held: HeldBytes,
  turn: () => Promise<void>,
): Promise<unknown> {
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  if (
    !isJsonContentType(type ?? null) ||
    !isUtf8(type) ||
    (encoding !== undefined && encoding !== 'identity')
  ) {
    throw new JsonRpcError(
      'unsupported_media_type',
      415,
      REFUSED,
      'Content-Type must be application/json in UTF-8, without a Content-Encoding.',
    );
  }
  const text = parsedText(request, bodyLimit, held) ?? (await readText(request, bodyLimit, held));
  if (text.length > LARGE) await turn();
  const structure = structureOf(text, maxDepth);
  if (structure === undefined) {
    const message = `The body nests arrays and objects too deeply. The maximum is ${maxDepth} levels.`;
    throw new JsonRpcError('nested_too_deeply', 400, INVALID_REQUEST, message);
  }
  hold(held, structure);
  const body = parsed(text);
  requireSmallMetadata(body, text);
  return body;
}

/** Request with the body that a parser of the application has read, and its bytes if NestJS's option `rawBody` is on. */
interface ParsedRequest extends IncomingMessage {
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

/** Returns the text of a body that a body parser of the application has already parsed. */
function parsedText(request: ParsedRequest, limit: number, held: HeldBytes): string | undefined {
  const { body, rawBody } = request;
  // Some parsers set an empty body for media types that they leave unread.
  if (body === undefined || (!request.readableDidRead && isEmptyObject(body))) return undefined;
  const text = textOf(rawBody ?? body, limit);
  hold(held, text.length);
  return text;
}

function textOf(body: unknown, limit: number): string {
  if (typeof body === 'string') return withinLimit(body, limit);
  if (Buffer.isBuffer(body)) return withinLimit(decoded(body), limit);
  if (isForm(body)) {
    throw new JsonRpcError(
      'body_unreadable',
      400,
      INVALID_REQUEST,
      'The application has parsed the JSON body as a form. Limit its urlencoded body parser to forms, or exclude the MCP route.',
    );
  }
  const text = withinLimit(jsonOf(body), limit);
  // A number beyond the range of JavaScript has become null, which would pass for a missing argument.
  if (text.includes('null') && hasInfinity(body))
    throw new JsonRpcError(
      'body_unreadable',
      400,
      INVALID_REQUEST,
      'The body has a number that is too large.',
    );
  return text;
}

function withinLimit(text: string, limit: number): string {
  if (text.length > limit) throw tooLarge(`The body is too large. The maximum is ${limit} bytes.`);
  return text;
}

function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch {
    // JSON.parse() accepts any depth, but JSON.stringify() does not.
    throw new JsonRpcError(
      'nested_too_deeply',
      400,
      INVALID_REQUEST,
      'The body nests arrays and objects too deeply.',
    );
  }
}

function hasInfinity(body: unknown): boolean {
  const values = [body];
  for (const value of values) {
    if (value === Infinity || value === -Infinity) return true;
    if (isObject(value)) for (const inner of Object.values(value)) values.push(inner);
  }
  return false;
}

const isEmptyObject = (body: unknown): boolean => isRecord(body) && Object.keys(body).length === 0;

/** Whether a parser for forms has read JSON: the first name is then the beginning of its text. */
const isForm = (body: unknown): boolean => isRecord(body) && /^\s*[{[]/.test(Object.keys(body)[0] ?? '');

/** Whether the charset of a media type is UTF-8 or missing. JSON between systems must be UTF-8 (RFC 8259 §8.1). */
function isUtf8(type: string | undefined): boolean {
  const charset = type && /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1];
  return !charset || /^utf-?8$/i.test(charset);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonRpcError('invalid_json', 400, PARSE_ERROR, 'Parse error: the body is not valid JSON.');
  }
}

async function readText(request: IncomingMessage, limit: number, held: HeldBytes): Promise<string> {
  const { 'content-length': length } = request.headers;
  const declared = length === undefined ? undefined : Number(length);
  // A body above the limit is rejected without being read, so it is not charged.
  if (declared !== undefined && declared <= limit) hold(held, declared);
  const arrived = declared === undefined ? undefined : arrivedText(request, declared, limit);
  if (arrived !== undefined) return arrived;
  const pay = declared === undefined ? (bytes: number): void => hold(held, bytes) : undefined;
  try {
    return await getRawBody(request, {
      length,
      limit,
      encoding: 'utf8',
      decoder: () => new BodyDecoder(pay),
    });
  } catch (error) {
    if (error instanceof JsonRpcError) throw error;
    if (isInvalidUtf8(error)) throw notUtf8();
    if (error instanceof TooManyChunks) {
      const message = 'The body arrives in too many small chunks. Send larger chunks.';
      throw new JsonRpcError('body_unreadable', 400, INVALID_REQUEST, message);
    }
    if (isTooLarge(error)) throw tooLarge(`The body is too large. The maximum is ${limit} bytes.`);
    const message =
      'The request body was already consumed or is incomplete. Disable body parsers for the MCP route.';
    throw new JsonRpcError('body_unreadable', 400, INVALID_REQUEST, message);
  }
}

/** Decodes whole bodies. A stream of chunks has a decoder of its own. */
const WHOLE = new TextDecoder('utf-8', { fatal: true });

/**
 * Returns the text of a body that has arrived whole and that nobody reads yet, as nearly all bodies have when their
 * request begins. Reading it as a stream would cost as much as parsing it.
 */
function arrivedText(request: IncomingMessage, length: number, limit: number): string | undefined {
  const { complete, readableLength, readableFlowing, readableEncoding } = request;
  if (!complete || readableLength !== length || length > limit) return undefined;
  if (readableFlowing !== null || readableEncoding !== null || request.destroyed) return undefined;
  const body: unknown = request.read();
  return Buffer.isBuffer(body) ? decoded(body) : '';
}

function decoded(body: Buffer): string {
  try {
    return WHOLE.decode(body);
  } catch {
    throw notUtf8();
  }
}

function hold(held: HeldBytes, bytes: number): void {
  const refused = held.add(bytes);
  if (refused === undefined) return;
  if (refused === 'never') throw tooLarge('The body takes too much memory. Send fewer values at once.');
  throw tooManyBytes(refused, 'large bodies');
}

export function tooManyBytes(by: TakenBy, what: string): JsonRpcError {
  const [status, scope] = TAKEN_BY[by];
  const message = `Too many ${what} ${scope} are in progress. Try again shortly.`;
  return limited(`body_bytes:${by}`, status, message, { retryAfter: 1 });
}

const tooLarge = (message: string): JsonRpcError => new JsonRpcError('body_too_large', 413, REFUSED, message);

/** Replacing the invalid bytes would change the data of the call without an error (RFC 8259 §8.1). */
const notUtf8 = (): JsonRpcError =>
  new JsonRpcError('invalid_json', 400, PARSE_ERROR, 'Parse error: the body is not valid UTF-8.');

const isInvalidUtf8 = (error: unknown): boolean =>
  isRecord(error) && error['code'] === 'ERR_ENCODING_INVALID_ENCODED_DATA';

function isTooLarge(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'type' in error && error.type === 'entity.too.large';
}
