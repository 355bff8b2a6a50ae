import {
  type ReadResourceResult,
  type Resource,
  type ResourceTemplateType,
  isSpecType,
} from '@modelcontextprotocol/server';

import { isRecord } from '../is-record.js';

/**
 * Makes what a resource's method returned into contents: text, bytes, or whole contents as they are. Any other
 * value becomes JSON.
 *
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
  if (isRecord(value) && Array.isArray(value['contents'])) {
    if (isSpecType.ReadResourceResult(value)) return value;
    throw new TypeError('The resource returned contents that are not valid: see ReadResourceResult.');
  }
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError('The resource returned nothing.');
  return { contents: [{ uri, mimeType: mimeType ?? 'application/json', text }] };
}

/**
 * The resources that a template's list method names; what it leaves out is that of the template.
 *
 * @throws {TypeError} when they are none
 */
export function listedResources(template: ResourceTemplateType, listed: unknown): Resource[] {
  if (!Array.isArray(listed)) throw new TypeError('The list method returned no list.');
  return listed.map((resource: unknown) => {
    const whole = { ...template, uriTemplate: undefined, ...(isRecord(resource) ? resource : {}) };
    if (isSpecType.Resource(whole)) return whole;
    throw new TypeError('The list method returned something that is no resource: it needs a uri.');
  });
}
