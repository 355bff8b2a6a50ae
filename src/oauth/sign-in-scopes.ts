/** Scope that neither a challenge nor `scopes_supported` contains (MCP specification, authorization). Clients request it themselves. */
export const OFFLINE_ACCESS = 'offline_access';

/** Scopes that belong to OpenID Connect (Core §5.4, §11) and the sign-in itself. No tool needs them. */
export const SIGN_IN_ONLY: readonly string[] = ['openid', 'profile', 'email', OFFLINE_ACCESS];
