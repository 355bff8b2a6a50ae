/** Valid scope (RFC 6749 §3.3 `scope-token`), without spaces, quotes or backslashes. */
export const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
