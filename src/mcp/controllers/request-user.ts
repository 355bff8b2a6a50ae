import type { Principal } from '../../auth/principal.js';

/** Injection token of the {@link RequestUser}. */
export const REQUEST_USER = Symbol('REQUEST_USER');

/** Maps a caller to `request.user`, as the application's own guards would set it, or to a promise of it. */
export type RequestUser = (principal: Principal) => unknown;
