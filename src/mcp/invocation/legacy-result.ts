import type { CallToolResult } from '@modelcontextprotocol/server';

import type { CompiledTool } from '../catalog/compiled-tool.js';
import { WRAPPED } from '../catalog/published-schema/roots.js';
import { isRecord } from '../is-record.js';

/**
 * The result for revisions before 2026-07-28, whose structured content is always an object: any other value is its
 * member `result`, as the tool's output schema says there.
 */
export function toLegacyResult(
  result: CallToolResult,
  { definition, legacyDefinition }: Pick<CompiledTool, 'definition' | 'legacyDefinition'>,
): CallToolResult {
  const { structuredContent: value } = result;
  if (value === undefined || (definition === legacyDefinition && isRecord(value))) return result;
  return { ...result, structuredContent: { [WRAPPED]: value } };
}
