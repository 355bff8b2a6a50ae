import { type MessageClassification, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';

/** MCP 2026-07-28, or the earlier revisions, which begin with a handshake. */
export type Era = MessageClassification['era'];

/** The revision that needs no handshake. */
export const MODERN_REVISION = '2026-07-28';

/** Those that begin with a handshake. */
export const LEGACY_REVISIONS: ReadonlySet<string> = new Set(
  SUPPORTED_PROTOCOL_VERSIONS.filter((revision) => revision < MODERN_REVISION),
);
