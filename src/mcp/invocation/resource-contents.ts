import { Logger } from '@nestjs/common';
import {
  type ReadResourceResult,
  type Resource,
  type ResourceTemplateType,
  isSpecType,
} from '@modelcontextprotocol/server';

import { isRecord } from '../is-record.js';
import { jsonText } from '../json-text.js';
import { type Json, plainJson } from './plain-json.js';
import { membersWithoutNulls, withoutNulls } from './without-nulls.js';

const LOGGER = new Logger('Resources');

/**
 * Makes what a resource's method returned into contents: text, bytes, or whole contents as they are. Any other
 * value becomes JSON.
 *
 * @throws {NotJsonError} when JSON cannot represent it
 * @throws {TypeError} when it is nothing, or whole contents of no valid form
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
    const result = withoutNulls(json);
    if (isSpecType.ReadResourceResult(result)) return result;
    throw new TypeError('The resource returned contents that are not valid: see ReadResourceResult.');
  }
  return { contents: [{ uri, mimeType: mimeType ?? 'application/json', text: jsonText(json) }] };
}

/** Whether a value is whole contents, as opposed to a resource's own data that happens to have such a member. */
const isWhole = (value: Json): boolean =>
  isRecord(value) &&
  Array.isArray(value['contents']) &&
  value['contents'].every((part) => isRecord(part) && typeof part['uri'] === 'string');

/**
 * The resources that a template's list method names; what it leaves out is that of the template. Entries that are no
 * resources are left out.
 *
 * @throws {TypeError} when the method returned no list
 */
export function listedResources(template: ResourceTemplateType, listed: unknown): Resource[] {
  const list = plainJson(listed);
  if (!Array.isArray(list)) throw new TypeError('The list method returned no list.');
  const resources = list
    .map((entry) => ({ ...template, uriTemplate: undefined, ...membersOf(entry) }))
    .filter((entry) => isSpecType.Resource(entry));
  const others = list.length - resources.length;
  if (others > 0) {
    LOGGER.warn(
      `The list method of ${template.uriTemplate} returned ${others} entries that are no resources.`,
    );
  }
  return resources;
}

const membersOf = (entry: Json): object => (isRecord(entry) ? membersWithoutNulls(entry) : {});
