import { Logger } from '@nestjs/common';
import {
  type ReadResourceResult,
  type Resource,
  type ResourceTemplateType,
  isSpecType,
} from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';
import { jsonText } from '../../values/json-text.js';
import { type Json, plainJson } from '../../values/plain-json.js';
import { membersWithoutNulls } from './without-nulls.js';

const LOGGER = new Logger('Resources');

/**
 * Converts the return value of a resource method to contents. Complete contents are unchanged, strings become text, bytes
 * become a blob, and any other value becomes JSON.
 *
 * @throws {NotJsonError} when JSON cannot represent the value
 * @throws {TypeError} when the value is undefined, or complete contents are invalid
 */
export function toResourceContents(
  uri: string,
  mimeType: string | undefined,
  value: unknown,
): ReadResourceResult {
  if (typeof value === 'string')
    return { contents: [{ uri, mimeType: mimeType ?? 'text/plain', text: value }] };
  if (value instanceof Uint8Array) {
    const blob = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    return { contents: [{ uri, mimeType: mimeType ?? 'application/octet-stream', blob }] };
  }
  const json = plainJson(value);
  if (json === undefined) throw new TypeError('The resource returned nothing.');
  if (isWhole(json)) {
    const result = withUri(uri, membersWithoutNulls(json));
    if (isSpecType.ReadResourceResult(result)) return result;
    throw new TypeError('The resource returned invalid contents: see ReadResourceResult.');
  }
  return { contents: [{ uri, mimeType: mimeType ?? 'application/json', text: jsonText(json) }] };
}

/** Members of a result in the protocol. */
const RESULT_MEMBERS = new Set(['contents', '_meta', 'ttlMs', 'cacheScope', 'resultType']);

/**
 * Whether a value is complete contents and not the resource's own data with a member `contents`. Unless every part has
 * a URI, other members make the value the resource's own data.
 */
function isWhole(value: Json): value is Record<string, Json> {
  if (!isRecord(value)) return false;
  const { contents } = value;
  if (!Array.isArray(contents) || !contents.every(isPart)) return false;
  const areNamed = contents.length > 0 && contents.every(hasUri);
  return areNamed || Object.keys(value).every((name) => RESULT_MEMBERS.has(name));
}

const hasUri = (part: Json): boolean => isRecord(part) && typeof part['uri'] === 'string';

/** Members of contents in the protocol. */
const PART_MEMBERS = new Set(['uri', 'mimeType', 'text', 'blob', '_meta']);

/** Whether a value is a part of contents. Without a URI, other members make it the resource's own data. */
function isPart(value: Json): boolean {
  if (!isRecord(value)) return false;
  if (hasUri(value)) return true;
  const { text, blob } = value;
  const hasBody = typeof text === 'string' || typeof blob === 'string';
  return hasBody && Object.keys(value).every((name) => PART_MEMBERS.has(name));
}

/** Adds the URI that was read to parts without one. */
const withUri = (uri: string, { contents, ...others }: Record<string, Json>): object => ({
  ...others,
  contents: Array.isArray(contents)
    ? contents.map((part) => (isRecord(part) ? { uri, ...part } : part))
    : contents,
});

/**
 * Returns the resources that a template's list method lists. Missing members come from the template. Invalid entries
 * are skipped.
 *
 * @throws {TypeError} when the method does not return an array
 */
export function listedResources(template: ResourceTemplateType, listed: unknown): Resource[] {
  const list = plainJson(listed);
  if (!Array.isArray(list)) throw new TypeError('The list method did not return an array.');
  const resources = list
    .map((entry) => ({ ...template, uriTemplate: undefined, ...membersOf(entry) }))
    .filter((entry) => isSpecType.Resource(entry));
  const others = list.length - resources.length;
  if (others > 0) {
    LOGGER.warn(
      `The list method of ${template.uriTemplate} returned ${others} invalid resources, which were skipped.`,
    );
  }
  return resources;
}

const membersOf = (entry: Json): object => (isRecord(entry) ? membersWithoutNulls(entry) : {});
