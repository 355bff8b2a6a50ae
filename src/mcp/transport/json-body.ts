import type { IncomingMessage } from 'node:http';

import { INVALID_REQUEST, isJsonContentType, PARSE_ERROR } from '@modelcontextprotocol/server';
import { getRawBody } from 'raw-body';

import type { HeldBytes } from '../../limits/byte-budget.js';
import type { TakenBy } from '../../limits/places.js';
import { BodyDecoder, TooManyChunks } from './body-decoder.js';
import { JsonRpcError, REFUSED } from './json-rpc-error.js';
import { structureOf } from './json-shape.js';
import { requireSmallMetadata } from './metadata-size.js';

/** Size from which a body has a turn of its own to be parsed, characters. */
const LARGE = 64 * 1024;

export interface BodyLimits {
  /** Largest body, bytes. A body that says it is larger is not read at all, one that turns out larger not in full. */
  readonly bodyLimit: number;
  /** Maximum nesting of arrays and objects. */
  readonly maxDepth: number;
}

/**
 * Reads the body of a request as JSON.
 *
 * @param held pays for what the body takes in memory, before it is read where its length is known
 * @param turn waits for a turn for what takes milliseconds
 * @throws {JsonRpcError} 415 for another media type, 413 for too large, 400 for anything but JSON, nested too deeply, or
 *   with too much outside of the arguments of a tool, 429 or 503 when too many bytes are held already
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
  const text = await readText(request, bodyLimit, held);
  if (text.length > LARGE) await turn();
  const structure = structureOf(text, maxDepth);
  if (structure === undefined) {
    const message = `The body nests too deeply: at most ${maxDepth} levels of arrays and objects.`;
    throw new JsonRpcError('nested_too_deeply', 400, INVALID_REQUEST, message);
  }
  hold(held, structure);
  const body = parsed(text);
  requireSmallMetadata(body, text);
  return body;
}

/** Whether a media type names no other charset. JSON has no other between systems (RFC 8259 §8.1). */
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
  // What is too large anyway need not be paid for.
  if (declared !== undefined && declared <= limit) hold(held, declared);
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
    if (error instanceof TooManyChunks) {
      const message = 'The body arrives in too many small chunks. Send it in larger ones.';
      throw new JsonRpcError('body_unreadable', 400, INVALID_REQUEST, message);
    }
    if (isTooLarge(error)) throw tooLarge(`The body is too large: at most ${limit} bytes.`);
    throw new JsonRpcError('body_unreadable', 400, INVALID_REQUEST, 'The body could not be read in full.');
  }
}

const REFUSALS: Readonly<Record<TakenBy, [status: number, whose: string]>> = {
  caller: [429, 'of your requests'],
  instance: [503, 'on this server'],
};

function hold(held: HeldBytes, bytes: number): void {
  const refused = held.add(bytes);
  if (refused === undefined) return;
  if (refused === 'never') throw tooLarge('The body takes too much memory. Send fewer values at once.');
  throw tooManyBytes(refused, 'large bodies');
}

export function tooManyBytes(by: TakenBy, what: string): JsonRpcError {
  const [status, whose] = REFUSALS[by];
  return new JsonRpcError(
    `body_bytes:${by}`,
    status,
    REFUSED,
    `Too many ${what} ${whose} are in progress. Try again shortly.`,
    { 'Retry-After': '1' },
    { data: { limit: `body_bytes_${by}`, retryAfter: 1 } },
  );
}

const tooLarge = (message: string): JsonRpcError => new JsonRpcError('body_too_large', 413, REFUSED, message);

function isTooLarge(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'type' in error && error.type === 'entity.too.large';
}
