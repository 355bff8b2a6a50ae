import { type MessageClassification, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';

/**
 * Era of a revision. `modern` is MCP 2026-07-28, which has no sessions. `legacy` are the earlier revisions, which begin
 * with a handshake and may open a session.
 */
export type Era = MessageClassification['era'];

/** Revision of the modern era. */
export const MODERN_REVISION = '2026-07-28';

/** Revisions of the legacy era. */
export const LEGACY_REVISIONS: ReadonlySet<string> = new Set(
  SUPPORTED_PROTOCOL_VERSIONS.filter((revision) => revision < MODERN_REVISION),
);
