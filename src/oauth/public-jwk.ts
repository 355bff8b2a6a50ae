/** Public key for verifying signatures, as a JWK (RFC 7517, RFC 7518 §6, RFC 8037 §2). */
export interface PublicJwk {
  readonly kty: string;
  readonly crv?: string;
  readonly n?: string;
  readonly e?: string;
  readonly x?: string;
  readonly y?: string;
  readonly kid?: string;
  readonly alg?: string;
}
