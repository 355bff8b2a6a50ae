/** Settings that the server hands to the script of the page. */
export interface PageSettings {
  /** URL of the MCP endpoint. */
  readonly endpoint: string;
  readonly callerUrl: string;
  /** Authorization server; undefined if clients bring their own tokens. */
  readonly issuer: string | undefined;
  readonly metadataUrl: string | undefined;
  /** Scopes of the first sign-in. */
  readonly scopes: readonly string[];
  /** Registered client of the page, if the operator configured one. */
  readonly clientId: string | undefined;
  /** Client ID Metadata Document of the page; undefined for an endpoint on http. */
  readonly documentUrl: string | undefined;
  /** Name under which the page registers itself. */
  readonly clientName: string;
  /** Whether the endpoint accepts requests of the page. */
  readonly mayCall: boolean;
}

/** Caller as the server sees it. */
export interface CallerView {
  readonly subject: string;
  readonly organizationId: string | undefined;
  readonly scopes: readonly string[];
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** Scopes of this server that the caller does not have. */
  readonly furtherScopes: readonly FurtherScope[];
}

/** Scope that the caller does not have. */
export interface FurtherScope {
  readonly scope: string;
  /** Tools in the caller's list that need it. */
  readonly tools: readonly string[];
}
