// Public interface of the embedded issuer, for development and tests.
export {
  type DevIssuer,
  type DevIssuerOptions,
  type SignAccessTokenRequest,
  startDevIssuer,
} from './dev-issuer.js';
export type { SigningKey } from './signing-key.js';
