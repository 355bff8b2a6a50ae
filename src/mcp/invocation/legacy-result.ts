import type { CallToolResult } from '@modelcontextprotocol/server';

import type { CompiledTool } from '../catalog/compiled-tool.js';
import { WRAPPED } from '../catalog/published-schema/roots.js';
import { isRecord } from '../../values/is-record.js';

/**
 * Converts a result for the legacy era, where structured content must be an object. Any other value moves
 * to the member `result`, as in the tool's legacy output schema.
 */
export function toLegacyResult(
  result: CallToolResult,
  { definition, legacyDefinition }: Pick<CompiledTool, 'definition' | 'legacyDefinition'>,
): CallToolResult {
  const { structuredContent: value } = result;
  if (value === undefined || (definition === legacyDefinition && isRecord(value))) return result;
  return { ...result, structuredContent: { [WRAPPED]: value } };
}
