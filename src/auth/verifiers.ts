/**
 * Injection tokens of the two verifiers ({@link IssuerVerifier}); the value of each is undefined where its tokens are
 * not trusted, and then what it takes is not loaded either: the vendor's SDK is as large as all the rest.
 */
export const SCALEKIT = Symbol('SCALEKIT');
export const OWN_KEYS = Symbol('OWN_KEYS');
