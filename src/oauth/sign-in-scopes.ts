/** Scopes that belong to OpenID Connect (Core §5.4, §11) and the sign-in itself. No tool needs them. */
export const SIGN_IN_ONLY: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];
