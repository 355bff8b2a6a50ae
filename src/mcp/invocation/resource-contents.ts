import {
  type ReadResourceResult,
  type Resource,
  type ResourceTemplateType,
  isSpecType,
} from '@modelcontextprotocol/server';

import { isRecord } from '../is-record.js';
import { jsonText } from '../json-text.js';
import { type Json, plainJson } from './plain-json.js';

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
    if (isSpecType.ReadResourceResult(json)) return json;
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
 * The resources that a template's list method names; what it leaves out is that of the template.
 *
 * @throws {TypeError} when they are none
 */
export function listedResources(template: ResourceTemplateType, listed: unknown): Resource[] {
  const list = plainJson(listed);
  if (!Array.isArray(list)) throw new TypeError('The list method returned no list.');
  return list.map((resource) => {
    const whole = { ...template, uriTemplate: undefined, ...(isRecord(resource) ? resource : {}) };
    if (isSpecType.Resource(whole)) return whole;
    throw new TypeError('The list method returned something that is no resource: it needs a uri.');
  });
}
