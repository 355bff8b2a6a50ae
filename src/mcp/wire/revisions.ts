import { type MessageClassification, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';

/** Era of a revision: `modern` for MCP 2026-07-28, `legacy` for earlier revisions, which begin with a handshake. */
export type Era = MessageClassification['era'];

/** Revision without a handshake. */
export const MODERN_REVISION = '2026-07-28';

/** Revisions with a handshake. */
export const LEGACY_REVISIONS: ReadonlySet<string> = new Set(
  SUPPORTED_PROTOCOL_VERSIONS.filter((revision) => revision < MODERN_REVISION),
);
