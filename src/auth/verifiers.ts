/**
 * Injection tokens of the two verifiers ({@link IssuerVerifier}). The value is undefined if tokens of that kind are not
 * trusted. In that case the verifier's code is not loaded, because Scalekit's SDK is as large as all other code.
 */
export const SCALEKIT = Symbol('SCALEKIT');
export const OWN_KEYS = Symbol('OWN_KEYS');
